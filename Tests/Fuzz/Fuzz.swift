import Glibc

/// The parsers of Media under libFuzzer, which is linked in: `Fuzz TARGET [libFuzzer's arguments]`, or `Fuzz list`.
///
/// A target may refuse its input, but not trap, read out of bounds or take forever; and what was read and written again
/// must read the same. `Scripts/fuzz` builds this and gives each target its seeds and its time.
@main enum Fuzz {
    typealias Target = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

    static let targets: [(name: String, run: Target)] = [
        ("stun", { run($0, $1, stun) }), ("candidate", { run($0, $1, candidate) }), ("dtls", { run($0, $1, dtls) }),
        ("sctp", { run($0, $1, sctp) }), ("association", { run($0, $1, association) }),
        ("dcep", { run($0, $1, dcep) }), ("sdp", { run($0, $1, sdp) }), ("rtp", { run($0, $1, rtp) }),
        ("rtcp", { run($0, $1, rtcp) }), ("vp8", { run($0, $1, vp8) }), ("frames", { run($0, $1, frames) }),
        ("keyframes", { run($0, $1, keyframes) }), ("webp", { run($0, $1, webp) }), ("red", { run($0, $1, red) }),
        ("opus", { run($0, $1, opus) }), ("srtp", { run($0, $1, srtp) }),
    ]

    static func main() {
        let chosen = CommandLine.arguments.dropFirst().first
        if chosen == "list" { return print(targets.map(\.name).joined(separator: "\n")) }
        guard let target = targets.first(where: { $0.name == chosen }) else {
            print("usage: Fuzz TARGET [ARGUMENTS]; Fuzz list")
            exit(2)
        }
        // libFuzzer gets the arguments without the target's name.
        var arguments = CommandLine.unsafeArgv + 1
        arguments.pointee = CommandLine.unsafeArgv.pointee
        var count = CommandLine.argc - 1
        exit(runFuzzer(&count, &arguments, target.run))
    }

    private static func run(_ bytes: UnsafePointer<UInt8>?, _ count: Int, _ body: (RawSpan) -> Void) -> CInt {
        body(UnsafeRawBufferPointer(start: bytes, count: count).bytes)
        return 0
    }

    /// A law that does not hold ends the run as a crash does, with the input that broke it.
    static func law(_ holds: Bool, _ name: StaticString) {
        precondition(holds, "broken law: \(name)")
    }
}

/// libFuzzer's loop, which its library exports for programs with a `main` of their own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>, _ target: Fuzz.Target
) -> CInt
