import COpenSSL

@testable import Media

/// The certificate inside a `DTLSCertificate`, for hashes that it does not offer itself.
struct SSLCertificate {
    let owner: DTLSCertificate

    init(of owner: DTLSCertificate) {
        self.owner = owner
    }

    func hash(algorithm: String) -> [UInt8]? {
        certificateHash(SSL_CTX_get0_certificate(owner.context), algorithm: algorithm)
    }
}
