import Cryptography
import HTTPFront
package import NIOCore
package import SaleCore

/// Proves that a payment event comes from the payment provider:
/// `Seckill-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`.
package struct PaymentSignature: PaymentVerifier {
    /// Keeps a recorded event from being played back much later, and allows for clocks that differ.
    package static let toleranceSeconds: Int64 = 300
    /// One per secret that is in use while secrets are being changed.
    private static let signaturesMax = 4

    private let key: HMACKey

    /// - Parameter secretFileBytes: at least 32 bytes; a trailing line end is not part of the
    ///   secret.
    package init(secretFileBytes: [UInt8]) throws(AuthSettingsError) {
        key = HMACKey(try VerificationKeys.secret(fileBytes: secretFileBytes))
    }

    package func isValid(_ header: String, body: ByteBuffer, now: Timestamp) -> Bool {
        guard let parts = Parts(header) else { return false }
        let age = now.milliseconds / 1_000 - parts.seconds
        guard (-Self.toleranceSeconds...Self.toleranceSeconds).contains(age) else { return false }
        var message = Array("\(parts.secondsText).".utf8)
        message += body.readableBytesView
        // Compares in constant time, and every one, so that nothing is learnt from how long it
        // takes.
        let right = key.code(of: message.span)
        return parts.codes.reduce(false) { isValid, code in ConstantTime.areEqual(code.span, right.span) || isValid }
    }

    /// What `isValid` takes for `body`.
    package func header(for body: [UInt8], now: Timestamp) -> String {
        let seconds = now.milliseconds / 1_000
        let code = key.code(of: (Array("\(seconds).".utf8) + body).span)
        let digits = Array("0123456789abcdef")
        return "t=\(seconds),v1=" + String(code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    private struct Parts {
        var seconds: Int64
        /// As it was signed.
        var secondsText: Substring
        var codes: [[UInt8]] = []

        init?(_ header: String) {
            var seconds: (Int64, Substring)?
            for part in header.split(separator: ",", omittingEmptySubsequences: false) {
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2 else { return nil }
                let value = pair[1]
                switch pair[0].drop(while: { $0 == " " }) {
                case "t":
                    guard seconds == nil, value.utf8.count <= 12, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(value)
                    else { return nil }
                    seconds = (number, value)
                case "v1":
                    guard codes.count < signaturesMax, let code = Self.bytes(hex: value) else { return nil }
                    codes.append(code)
                // Later versions of the signature stand beside this one.
                default: continue
                }
            }
            guard let seconds, !codes.isEmpty else { return nil }
            self.seconds = seconds.0
            secondsText = seconds.1
        }

        private static func bytes(hex text: Substring) -> [UInt8]? {
            guard text.utf8.count == 64 else { return nil }
            var bytes: [UInt8] = []
            var high: UInt8?
            for digit in text.utf8 {
                let value: UInt8
                switch digit {
                case 0x30...0x39: value = digit - 0x30
                case 0x61...0x66: value = digit - 0x61 + 10
                case 0x41...0x46: value = digit - 0x41 + 10
                default: return nil
                }
                if let first = high {
                    bytes.append(first << 4 | value)
                    high = nil
                } else {
                    high = value
                }
            }
            return bytes
        }
    }
}
