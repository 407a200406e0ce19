import CCrypto
import Testing

@testable import Cryptography

@Suite struct HostileInputTests {
    private static let point = (
        x: bytes("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"),
        y: bytes("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
    )

    /// An odd number of so many bits.
    private static func modulus(bits: Int) -> [UInt8] {
        let count = (bits + 7) / 8
        var bytes = [UInt8](repeating: 0xA5, count: count)
        let top = (bits - 1) % 8
        bytes[0] = UInt8((1 << (top + 1)) - 1)
        return bytes
    }

    @Test(arguments: [(512, false), (1_024, false), (2_047, false), (2_048, true), (4_096, true), (8_192, true), (8_193, false), (16_384, false)])
    func sizeOfAnRSAKeyIsBounded(bits: Int, isTaken: Bool) {
        #expect((PublicKey.rsa(modulus: Self.modulus(bits: bits), exponent: [1, 0, 1]) != nil) == isTaken)
        #expect(ERR_peek_error() == 0)
    }

    @Test(
        arguments: [
            ([], false), ([0], false), ([1], false), ([2], false), ([3], true), ([1, 0, 0], false), ([1, 0, 1], true), ([0, 1, 0, 1], true),
            ([1, 0xFF, 0xFF, 0xFF, 0xFF], true), ([2, 0, 0, 0, 1], false), (Array(repeating: 0xFF, count: 9), false),
            (Array(repeating: 0, count: 900), false),
        ] as [([UInt8], Bool)])
    func exponentOfAnRSAKeyIsBounded(exponent: [UInt8], isTaken: Bool) {
        #expect((PublicKey.rsa(modulus: Self.modulus(bits: 2_048), exponent: exponent) != nil) == isTaken)
    }

    @Test func modulusIsOdd() {
        #expect(PublicKey.rsa(modulus: Self.modulus(bits: 2_048).dropLast() + [0xA4], exponent: [1, 0, 1]) == nil)
        #expect(PublicKey.rsa(modulus: [], exponent: [1, 0, 1]) == nil)
        #expect(PublicKey.rsa(modulus: [UInt8](repeating: 0, count: 256), exponent: [1, 0, 1]) == nil)
        // Zeros in front do not make it larger.
        #expect(PublicKey.rsa(modulus: [0] + Self.modulus(bits: 2_048), exponent: [1, 0, 1]) != nil)
        #expect(PublicKey.rsa(modulus: [UInt8](repeating: 0, count: 128) + Self.modulus(bits: 1_024), exponent: [1, 0, 1]) == nil)
    }

    @Test func pointIsOnTheCurve() {
        let (x, y) = Self.point
        #expect(PublicKey.p256(x: x, y: y) != nil)
        #expect(PublicKey.p256(x: y, y: x) == nil)
        #expect(PublicKey.p256(x: Array(repeating: 0, count: 32), y: Array(repeating: 0, count: 32)) == nil)
        #expect(PublicKey.p256(x: Array(repeating: 0xFF, count: 32), y: y) == nil)
        #expect(PublicKey.p256(x: [0] + x, y: y) == nil)
        #expect(PublicKey.p256(x: x, y: y.dropLast()) == nil)
        #expect(PublicKey.p256(x: [], y: []) == nil)
        #expect(ERR_peek_error() == 0)
    }

    @Test(arguments: [0, 1, 31, 33, 64]) func keyOfEd25519HasThirtyTwoBytes(count: Int) {
        #expect(PublicKey.ed25519(Array(repeating: 9, count: count)) == nil)
    }

    @Test(arguments: [0, 1, 32, 63, 64, 65, 70, 256, 512, 70_000]) func signatureOfAnyLengthIsOnlyRefused(count: Int) throws {
        let keys = [
            try #require(PublicKey.p256(x: Self.point.x, y: Self.point.y)), try #require(PublicKey.ed25519(SigningKey().publicKey)),
            try #require(PublicKey.rsa(modulus: Self.modulus(bits: 2_048), exponent: [1, 0, 1])),
        ]
        for key in keys {
            for byte in [UInt8(0), 1, 0x30, 0xFF] {
                #expect(!key.isValid([UInt8](repeating: byte, count: count), of: Array("sample".utf8)))
                #expect(ERR_peek_error() == 0, "\(key.algorithm)")
            }
        }
        #expect(!HMACKey([1]).isValid([UInt8](repeating: 0, count: count), of: Array("sample".utf8)))
    }

    @Test func comparisonLooksAtEveryByte() {
        let text = Array("0123456789".utf8)
        #expect(ConstantTime.areEqual(text, text))
        for index in text.indices {
            var other = text
            other[index] ^= 1
            #expect(!ConstantTime.areEqual(text, other))
        }
        #expect(!ConstantTime.areEqual(text, Array(text.dropLast())))
        #expect(ConstantTime.areEqual([], []))
    }

    /// Keys are shared by all event loops.
    @Test func oneKeyProvesOnManyThreads() async throws {
        let signer = SigningKey()
        let key = try #require(PublicKey.ed25519(signer.publicKey))
        let secret = HMACKey(Array("secret".utf8))
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<200 {
                        let message = Array("\(task) \(round)".utf8)
                        #expect(key.isValid(signer.signature(of: message), of: message))
                        #expect(secret.isValid(secret.code(of: message), of: message))
                    }
                }
            }
        }
    }
}
