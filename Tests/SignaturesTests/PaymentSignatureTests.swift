import Cryptography
import NIOCore
import SaleCore
import Testing

@testable import HTTPFront
@testable import Signatures

@Suite struct PaymentSignatureTests {
    private static let secret = Array("0123456789abcdef0123456789abcdef".utf8)
    private static let body = ByteBuffer(string: "{\"a\":1}")
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let seconds: Int64 = 1_800_000_000

    static func code(seconds: Int64 = seconds, body: ByteBuffer = body, secret: [UInt8] = secret) -> String {
        let message = Array("\(seconds).".utf8) + Array(body.readableBytesView)
        return HMACKey(secret).code(of: message.span).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private func isValid(_ header: String, body: ByteBuffer = body) throws -> Bool {
        try PaymentSignature(secretFileBytes: Self.secret + [0x0A]).isValid(header, body: body, now: Self.now)
    }

    @Test func theProvidersSignatureIsValidAndSoIsOneOfSeveral() throws {
        #expect(try isValid("t=\(Self.seconds),v1=\(Self.code())"))
        #expect(try isValid("t=\(Self.seconds), v1=\(Self.code().uppercased())"))
        let retired = Self.code(secret: Array(repeating: 1, count: 32))
        #expect(try isValid("t=\(Self.seconds),v1=\(retired),v1=\(Self.code()),v2=whatever"))
    }

    @Test(arguments: [-300, -299, 0, 299, 300])
    func fiveMinutesAreTolerated(age: Int64) throws {
        let signedAt = Self.seconds - age
        #expect(try isValid("t=\(signedAt),v1=\(Self.code(seconds: signedAt))"))
    }

    @Test(arguments: [-301, 301, 86_400])
    func moreIsNot(age: Int64) throws {
        let signedAt = Self.seconds - age
        #expect(try !isValid("t=\(signedAt),v1=\(Self.code(seconds: signedAt))"))
    }

    @Test func anotherBodyInstantOrSecretIsNotSigned() throws {
        #expect(try !isValid("t=\(Self.seconds),v1=\(Self.code())", body: ByteBuffer(string: "{\"a\":2}")))
        #expect(try !isValid("t=\(Self.seconds + 1),v1=\(Self.code())"))
        #expect(try !isValid("t=\(Self.seconds),v1=\(Self.code(secret: Array(repeating: 1, count: 32)))"))
    }

    @Test(arguments: [
        "", "t=1800000000", "v1=00", "t=,v1=", "t=+1800000000,v1=CODE", "t=1800000000,t=1800000000,v1=CODE", "t=1800000000;v1=CODE",
        "t=1800000000,v1=CODE0",
        "t=1800000000,v1=zz", "t=1800000000,CODE", "t=1800000000,v0=CODE", "t=99999999999999999999,v1=CODE",
        "t=1800000000,v1=CODE,v1=CODE,v1=CODE,v1=CODE,v1=CODE",
    ])
    func whatIsNotInTheFormIsRefused(header: String) throws {
        #expect(try !isValid(header.replacing("CODE", with: Self.code())))
    }

    @Test func aShortSecretIsRefused() {
        #expect(throws: AuthSettingsError.self) { try PaymentSignature(secretFileBytes: Array(repeating: 1, count: 31)) }
    }
}
