import Cryptography

/// How the load test says who is buying.
enum BuyerCredentials: Sendable {
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
        let key = HMACKey(secret)
        let head = Array("\(Base64URL.text(#"{"alg":"HS256","typ":"JWT"}"#.utf8))".utf8) + [UInt8(ascii: ".")]
        var bytes: [UInt8] = []
        var tokenCount = 0
        for name in names {
            let start = bytes.count
            bytes += head
            let subject = name.utf8.reduce(into: "") { text, byte in
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text += "\\" }
                text.unicodeScalars.append(Unicode.Scalar(byte))
            }
            Base64URL.append("{\"sub\":\"\(subject)\",\"iat\":\(now),\"exp\":\(now + 86_400)}".utf8, to: &bytes)
            let signed = bytes[start...]
            let signature = key.code(of: signed.span)
            bytes.append(UInt8(ascii: "."))
            Base64URL.append(signature, to: &bytes)
            tokenCount = bytes.count - start
        }
        self.bytes = bytes
        self.tokenCount = tokenCount
    }

    func token(of user: Int) -> ArraySlice<UInt8> {
        bytes[user * tokenCount..<(user + 1) * tokenCount]
    }
}
