import Media
import Testing

@Suite struct CodecTests {
    struct Sample: CustomTestStringConvertible {
        var name: String
        var codec: VideoCodec
        var payload: [UInt8]
        var isKeyframe: Bool

        init(_ name: String, _ codec: VideoCodec, _ payload: String, _ isKeyframe: Bool) {
            (self.name, self.codec, self.payload, self.isKeyframe) = (name, codec, hex(payload), isKeyframe)
        }

        var testDescription: String { "\(codec) \(name)" }
    }

    static let samples = [
        Sample("keyframe", .vp8, "90 80 8001 10 0200 9D012A", true),
        Sample("interframe", .vp8, "90 80 8001 11 0200", false),
        Sample("middle of a keyframe", .vp8, "80 80 8001 10 0200", false),
        Sample("IDR", .h264, "65 88", true),
        Sample("SPS", .h264, "67 42", true),
        Sample("PPS", .h264, "68 CE", false),
        Sample("P slice", .h264, "41 9A", false),
        Sample("STAP-A of SPS and PPS", .h264, "78 0003 674200 0002 68CE", true),
        Sample("STAP-A of SEI and IDR", .h264, "78 0002 0605 0002 6588", true),
        Sample("STAP-A of SEI and P", .h264, "78 0002 0605 0002 4188", false),
        Sample("STAP-A whose IDR runs out", .h264, "78 0002 0605 0009 6588", false),
        Sample("FU-A start of IDR", .h264, "7C 85 88", true),
        Sample("FU-A middle of IDR", .h264, "7C 05 88", false),
        Sample("FU-A start of P", .h264, "5C 81 9A", false),
        Sample("keyframe without layers", .vp9, "8B 8001 00", true),
        Sample("keyframe, lowest layer", .vp9, "AB 8001 00 00", true),
        Sample("keyframe, higher spatial layer", .vp9, "AB 8001 02 00", false),
        Sample("7-bit picture ID, lowest layer", .vp9, "AB 01 10 00", true),
        Sample("predicted", .vp9, "CB 8001 00", false),
        Sample("middle of a keyframe", .vp9, "83 8001 00", false),
        Sample("new sequence with a sequence header, W = 0", .av1, "08 02 0800 03 300011", true),
        Sample("new sequence, delimiter then header, W = 2", .av1, "28 02 1200 0A0B", true),
        Sample("header alone, W = 1", .av1, "18 0A0B00", true),
        Sample("new sequence without a header", .av1, "18 300011", false),
        Sample("no new sequence", .av1, "10 0A0B00", false),
        Sample("continuation", .av1, "98 0A0B00", false),
        Sample("element length runs out", .av1, "28 7F 0A0B", false),
        Sample("endless length", .av1, "08 FFFFFFFFFF 0A", false),
    ]

    @Test(arguments: samples) func `a keyframe's first packet is told from all others`(sample: Sample) {
        let isKeyframe = sample.codec.isKeyframeStart(payload: sample.payload.span.bytes)
        #expect(isKeyframe == sample.isKeyframe)
    }

    @Test func `no bytes lead outside themselves`() {
        var generator = RTPTestGenerator(seed: 7)
        for round in 0..<20_000 {
            let bytes =
                round % 2 == 0
                ? generator.bytes(round % 24) : generator.mutate(Self.samples[round % Self.samples.count].payload)
            for codec in VideoCodec.allCases { _ = codec.isKeyframeStart(payload: bytes.span.bytes) }
        }
        for sample in Self.samples {
            for length in 0..<sample.payload.count {
                let cut = Array(sample.payload.prefix(length))
                _ = sample.codec.isKeyframeStart(payload: cut.span.bytes)
            }
        }
    }
}
