@testable import Cryptography

// `#expect` takes no spans apart.

extension HMACKey {
    func code(of message: [UInt8]) -> [UInt8] { code(of: message.span) }
    func isValid(_ code: [UInt8], of message: [UInt8]) -> Bool { isValid(code.span, of: message.span) }
}

extension PublicKey {
    func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool { isValid(signature.span, of: message.span) }
}

extension SigningKey {
    func signature(of message: [UInt8]) -> [UInt8] { signature(of: message.span) }
}

extension ConstantTime {
    static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool { areEqual(a.span, b.span) }
}

extension SHA256Digest {
    init(of message: String) { self.init(of: message.utf8.span) }
}

func bytes(_ hex: String) -> [UInt8] {
    stride(from: 0, to: hex.utf8.count, by: 2).map { UInt8(hex.dropFirst($0).prefix(2), radix: 16)! }
}
