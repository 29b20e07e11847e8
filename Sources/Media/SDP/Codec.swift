/// A payload type with what "a=rtpmap", "a=fmtp" and "a=rtcp-fb" say of it.
package struct Codec: Equatable, Sendable {
    package var payloadType: UInt8
    package var name: String
    /// Hertz.
    package var clockRate: UInt32
    /// Of audio, where stated.
    package var channels: Int?
    package var parameters: FormatParameters
    package var feedback: [RTCPFeedback]

    package init(
        payloadType: UInt8, name: String, clockRate: UInt32, channels: Int? = nil, parameters: FormatParameters = [:],
        feedback: [RTCPFeedback] = []
    ) {
        self.payloadType = payloadType
        self.name = name
        self.clockRate = clockRate
        self.channels = channels
        self.parameters = parameters
        self.feedback = feedback
    }

    /// Codec names have no case (RFC 8866 §6.6).
    package func isNamed(_ name: String) -> Bool {
        self.name.lowercased() == name.lowercased()
    }

    /// What a static payload type means without an "a=rtpmap" (RFC 3551 §6).
    static func assigned(_ payloadType: UInt8) -> Codec? {
        switch payloadType {
        case 0: Codec(payloadType: 0, name: "PCMU", clockRate: 8000)
        case 8: Codec(payloadType: 8, name: "PCMA", clockRate: 8000)
        case 9: Codec(payloadType: 9, name: "G722", clockRate: 8000)
        case 13: Codec(payloadType: 13, name: "CN", clockRate: 8000)
        default: nil
        }
    }
}

/// "nack", "nack pli", "ccm fir", "transport-cc" (RFC 4585 §4.2).
package struct RTCPFeedback: Hashable, Sendable {
    package var type: String
    package var parameter: String?

    package init(_ type: String, _ parameter: String? = nil) {
        self.type = type
        self.parameter = parameter
    }

    package static let nack = RTCPFeedback("nack")
    package static let pli = RTCPFeedback("nack", "pli")
    package static let fir = RTCPFeedback("ccm", "fir")
    package static let transportCC = RTCPFeedback("transport-cc")
    package static let remb = RTCPFeedback("goog-remb")
}

/// The value of an "a=fmtp": keys and values in their order. What has no "=" ("0-15", "111/111") is a key without a value.
package struct FormatParameters: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package var key: String
        package var value: String?

        package init(key: String, value: String?) {
            self.key = key
            self.value = value
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    init(parsing text: Substring) {
        entries = text.fields(";").map(\.trimmed).filter { !$0.isEmpty }.map { field in
            let (key, value) = field.cut(at: "=")
            return Entry(key: String(key), value: value.map { String($0) })
        }
    }

    /// The value of a key, which has no case; nil where it is missing or stands alone. Setting nil removes the key.
    package subscript(key: String) -> String? {
        get { entries.first { $0.key.lowercased() == key.lowercased() }?.value }
        set {
            let index = entries.firstIndex { $0.key.lowercased() == key.lowercased() }
            switch (index, newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// As it stands in the attribute, joined by ";".
    package var text: String {
        entries.map { entry in entry.value.map { "\(entry.key)=\($0)" } ?? entry.key }.joined(separator: ";")
    }
}

extension FormatParameters: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        entries = elements.map { Entry(key: $0.0, value: $0.1) }
    }
}

/// "a=extmap" (RFC 8285 §8).
package struct HeaderExtension: Equatable, Sendable {
    /// 1...14 in the one-byte form, up to 255 in the two-byte form.
    package var id: UInt8
    package var uri: String
    package var direction: MediaDescription.Direction?
    package var attributes: String?

    package init(
        id: UInt8, uri: String, direction: MediaDescription.Direction? = nil, attributes: String? = nil
    ) {
        self.id = id
        self.uri = uri
        self.direction = direction
        self.attributes = attributes
    }
}
