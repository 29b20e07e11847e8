import CIPSec
import COpenSSL

/// A library that seals what goes out and opens what comes in, the fastest first. All give the same bytes.
package enum SealingEngine: Sendable, CaseIterable {
    /// Intel's multi-buffer library, for AES-GCM: a quarter of the time. Its counter mode is fast only for many packets at
    /// once, so that stays with OpenSSL.
    case ipsecMB
    case openSSL

    /// Those that this machine has.
    package static let available = allCases.filter { $0.version != nil }
    package static let fastest = available[0]

    /// The library's name and version; nil where it is not there.
    package var version: String? {
        switch self {
        case .ipsecMB: golive_ipsec_version().map { "intel-ipsec-mb \(String(cString: $0))" }
        case .openSSL: String(cString: OpenSSL_version(OPENSSL_VERSION))
        }
    }
}
