import NIOCore
import Testing

@testable import LoadDriver

@Suite struct TargetTests {
    @Test(arguments: [
        ("http://127.0.0.1:8080", "127.0.0.1", 8080, "", "127.0.0.1:8080"), ("http://shop.example", "shop.example", 80, "", "shop.example"),
        ("http://[::1]:8080/a/", "::1", 8080, "/a", "[::1]:8080"), ("http://[::1]", "::1", 80, "", "[::1]"),
        ("http://h:1/a/b", "h", 1, "/a/b", "h:1"),
    ])
    func urlIsRead(text: String, host: String, port: Int, path: String, authority: String) throws {
        let target = try #require(Target(text))
        #expect(target.host == host)
        #expect(target.port == port)
        #expect(target.path == path)
        #expect(target.authority == authority)
    }

    @Test(arguments: [
        "", "127.0.0.1", "https://h", "http://", "http://h:0", "http://h:x", "http://h:70000", "http://h/a b", "http://h/?a", "http://u@h",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(Target(text) == nil)
    }
}

@Suite struct CredentialsTests {
    /// Made with `openssl dgst -sha256 -hmac secret`.
    @Test func tokenIsSignedWithTheSecret() {
        let table = TokenTable(names: ["load-0", "load-1"], secret: Array("secret".utf8), now: 1_700_000_000)
        let expected =
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJsb2FkLTEiLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDA4NjQwMH0.XpK_0wIggS1BJTUoteHF7UeDHYIgn9yGnImxCuOiTYM"
        #expect(String(decoding: table.token(of: 1), as: UTF8.self) == expected)
        #expect(table.token(of: 0).count == table.token(of: 1).count)
    }

    @Test(arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("\u{3FF}~>", "z79-Pg")])
    func base64IsThatOfTheRFC(text: String, encoded: String) {
        #expect(Base64URL.text(Array(text.utf8)) == encoded)
    }
}

@Suite struct RequestTemplateTests {
    private static func request(_ credentials: Credentials, sendsKeys: Bool, user: Int, names: UserNames) throws -> String {
        let template = RequestTemplate(
            target: try #require(Target("http://127.0.0.1:8080")),
            purchase: PurchaseSettings(sale: "demo", sku: "phone-x", quantity: 1, prefersAsync: false, sendsKeys: sendsKeys),
            names: names, credentials: credentials)
        var buffer = ByteBuffer(string: "left over")
        template.write(user: user, into: &buffer)
        return String(buffer: buffer)
    }

    @Test func requestIsExactlyThis() throws {
        let text = try Self.request(.trustedHeader, sendsKeys: true, user: 7, names: UserNames(prefix: "u-", count: 101))
        #expect(
            text == """
                POST /v1/sales/demo/orders HTTP/1.1\r
                Host: 127.0.0.1:8080\r
                Content-Type: application/json\r
                Content-Length: 30\r
                X-User-Id: u-007\r
                Idempotency-Key: "u-007"\r
                \r
                {"sku":"phone-x","quantity":1}
                """)
    }

    @Test func tokenTakesThePlaceOfTheHeader() throws {
        let names = UserNames(prefix: "u-", count: 2)
        let table = TokenTable(names: [names[0], names[1]], secret: [1], now: 0)
        let text = try Self.request(.tokens(table), sendsKeys: false, user: 1, names: names)
        #expect(text.contains("\r\nAuthorization: Bearer \(String(decoding: table.token(of: 1), as: UTF8.self))\r\n\r\n{"))
        #expect(!text.contains("X-User-Id"))
    }

    @Test(arguments: [1, 10, 11, 1_000_000])
    func namesAreEquallyLong(count: Int) {
        let names = UserNames(prefix: "u", count: count)
        #expect(names[0].count == names[count - 1].count)
        #expect(names[count - 1] == "u\(count - 1)")
    }
}
