import LoadClient
import LoadModel
import NIOCore
import SaleCore
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
}

@Suite struct RequestWriterTests {
    private static let order = OrderID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")!

    private static func text(
        _ request: LoadRequest, _ credentials: BuyerCredentials = .trustedHeader, sendsKeys: Bool = true, origin: Cohort.Origin = .unstated,
        names: UserNames = UserNames(prefix: "u-", count: 101)
    ) throws -> String {
        let purchases = PurchasePlan(arrivals: .steady(rate: 1, seconds: 1, spacing: .constant, seed: 1), users: names.count)
        let writer = RequestWriter(
            target: try #require(Target("http://127.0.0.1:8080")),
            purchase: PurchaseSettings(sale: "demo", sku: "phone-x", quantity: 1, prefersAsync: false),
            cohorts: [Cohort(name: "buyers", purchases: purchases, sendsKeys: sendsKeys, origin: origin)], names: names,
            credentials: credentials, payments: PaymentWriter(secret: Array("secret".utf8), amount: 399_900, currency: "CNY"))
        var buffer = ByteBuffer(string: "left over")
        writer.write(request, into: &buffer)
        return String(buffer: buffer)
    }

    @Test func requestIsExactlyThis() throws {
        let text = try Self.text(LoadRequest(instant: 0, user: 7))
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
        let text = try Self.text(LoadRequest(instant: 0, user: 1), .tokens(table), sendsKeys: false, names: names)
        #expect(text.contains("\r\nAuthorization: Bearer \(String(decoding: table.token(of: 1), as: UTF8.self))\r\n\r\n{"))
        #expect(!text.contains("X-User-Id"))
    }

    @Test func aLaterWishHasAKeyOfItsOwn() throws {
        #expect(try Self.text(LoadRequest(instant: 0, user: 7, action: .buy(intention: 2))).contains("Idempotency-Key: \"u-007-2\"\r\n"))
    }

    @Test(
        arguments: [(.unstated, nil), (.own, "198.18.0.7"), (.shared, "198.19.255.255")] as [(Cohort.Origin, String?)])
    func theAddressIsThatOfTheCohort(origin: Cohort.Origin, address: String?) throws {
        let text = try Self.text(LoadRequest(instant: 0, user: 7), origin: origin)
        #expect(text.contains("X-Forwarded-For") == (address != nil))
        if let address { #expect(text.contains("\r\nX-Forwarded-For: \(address)\r\n")) }
    }

    @Test func cancellationIsExactlyThis() throws {
        #expect(
            try Self.text(LoadRequest(instant: 0, user: 7, action: .cancel(Self.order, intention: 0))) == """
                POST /v1/orders/\(Self.order)/cancel HTTP/1.1\r
                Host: 127.0.0.1:8080\r
                Content-Length: 0\r
                X-User-Id: u-007\r
                \r

                """)
    }

    /// Made with `openssl dgst -sha256 -hmac secret`.
    @Test func paymentIsSignedWithTheSecret() {
        let (body, signature) = PaymentWriter(secret: Array("secret".utf8), amount: 399_900, currency: "CNY")
            .event(for: Self.order, succeeds: true, now: 1_700_000_000)
        #expect(
            body == #"{"event_id":"load-\#(Self.order)","order_id":"\#(Self.order)","outcome":"succeeded","amount":399900,"currency":"CNY"}"#)
        #expect(signature == "t=1700000000,v1=90171b15652a01b3dc4b65e679962bfac93d300c511e0e4e4e48b9674305c88f")
    }

    @Test(arguments: [1, 10, 11, 1_000_000])
    func namesAreEquallyLong(count: Int) {
        let names = UserNames(prefix: "u", count: count)
        #expect(names[0].count == names[count - 1].count)
        #expect(names[count - 1] == "u\(count - 1)")
    }
}
