import Crypto

/// How the load test says who is buying.
enum Credentials: Sendable {
    /// `X-User-Id`, as a gateway would set it.
    case trustedHeader
    /// `Authorization: Bearer`, one token per user, all of the same length.
    case tokens(TokenTable)
}

/// HS256 tokens of all users, made before the run, one after the other in one array.
struct TokenTable: Sendable {
    let bytes: [UInt8]
    let tokenCount: Int

    /// - Parameters:
    ///   - names: of equal length, visible ASCII.
    ///   - now: Unix seconds; the tokens are valid for a day.
    init(names: some Sequence<String>, secret: [UInt8], now: Int) {
        let key = SymmetricKey(data: secret)
        let head = Array("\(Base64URL.text(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)))".utf8) + [UInt8(ascii: ".")]
        var bytes: [UInt8] = []
        var tokenCount = 0
        for name in names {
            let start = bytes.count
            bytes += head
            let subject = name.utf8.reduce(into: "") { text, byte in
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text += "\\" }
                text.unicodeScalars.append(Unicode.Scalar(byte))
            }
            Base64URL.append(Array("{\"sub\":\"\(subject)\",\"iat\":\(now),\"exp\":\(now + 86_400)}".utf8), to: &bytes)
            let signature = HMAC<SHA256>.authenticationCode(for: bytes[start...], using: key)
            bytes.append(UInt8(ascii: "."))
            Base64URL.append(Array(signature), to: &bytes)
            tokenCount = bytes.count - start
        }
        self.bytes = bytes
        self.tokenCount = tokenCount
    }

    func token(of user: Int) -> ArraySlice<UInt8> {
        bytes[user * tokenCount..<(user + 1) * tokenCount]
    }
}

/// RFC 4648, section 5, without padding.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func append(_ input: [UInt8], to output: inout [UInt8]) {
        for start in stride(from: 0, to: input.count, by: 3) {
            let group = input[start..<min(start + 3, input.count)]
            let bits = group.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << (16 - 8 * UInt32($1.offset)) }
            for digit in 0...group.count { output.append(alphabet[Int(bits >> (18 - 6 * UInt32(digit)) & 63)]) }
        }
    }

    static func text(_ input: [UInt8]) -> String {
        var output: [UInt8] = []
        append(input, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
