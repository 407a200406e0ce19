import Testing

@testable import RedisStock

@Suite struct SHA1Tests {
    /// RFC 3174's own vectors, and lengths on both sides of where the padding needs another block.
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
        (String(repeating: "a", count: 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
        (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
    ])
    func digestsAreThoseOfTheStandard(message: String, digest: String) {
        #expect(String(decoding: SHA1.hexDigest(of: Array(message.utf8)), as: UTF8.self) == digest)
    }
}
