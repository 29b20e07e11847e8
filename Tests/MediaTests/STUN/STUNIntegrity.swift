import COpenSSL

/// Signs bytes that `STUNMessage` itself would not write.
enum STUNIntegrity {
    static func sign(_ message: [UInt8], password: String) -> [UInt8] {
        var message = message
        let length = UInt16(message.count - 20 + 24)
        message[2] = UInt8(length >> 8)
        message[3] = UInt8(truncatingIfNeeded: length)
        let key = Array(password.utf8)
        var mac = [UInt8](repeating: 0, count: 20)
        _ = HMAC(EVP_sha1(), key, Int32(key.count), message, message.count, &mac, nil)
        return message + [0, 8, 0, 20] + mac
    }
}
