import Testing

@testable import Cryptography

@Suite struct Base64URLTests {
    @Test(arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy")])
    func eachTextHasOneReading(text: String, encoded: String) {
        #expect(Base64URL.text(text.utf8) == encoded)
        #expect(Base64URL.decode(encoded.utf8) == Array(text.utf8))
    }

    @Test func everyByteComesBack() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Base64URL.decode(Base64URL.text(bytes).utf8) == bytes)
        #expect(Base64URL.text([0xFB, 0xFF]) == "-_8")
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm9v\n", "Zm+v", "Zm/v", " Zg", "Zm9vY"])
    func otherSpellingsAreRefused(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
