import Testing

@testable import HTTPFront

@Suite struct AllowedOriginsTests {
    @Test(arguments: [
        "https://shop.example", "https://shop.example,http://localhost:3000", "http://127.0.0.1:8081", "https://[2001:db8::1]:8443", "*",
    ])
    func `what browsers send is taken`(text: String) {
        #expect(AllowedOrigins(text) != nil)
    }

    @Test(arguments: [
        "", "shop.example", "https://", "https://shop.example/", "https://Shop.example", "HTTPS://shop.example", "https://shop.example:443",
        "http://shop.example:80", "https://shop.example:0", "https://a,,https://b", "https://a, https://b", "https://*.example", "null",
        "*,https://a",
        "ftp://a", "https://a:b:80", "https://user@a", "https://a\r\nX: y",
    ])
    func `what no browser sends is refused`(text: String) {
        #expect(AllowedOrigins(text) == nil)
    }

    @Test func `origins are compared as they are`() throws {
        let origins = try #require(AllowedOrigins("https://shop.example,http://localhost:3000"))
        #expect(origins.allowed(["http://localhost:3000"])?.value == "http://localhost:3000")
        for foreign in [
            ["https://shop.example.evil"], ["https://shop.exampl"], ["null"], [""], [], ["https://shop.example", "https://shop.example"],
        ] {
            #expect(origins.allowed(foreign) == nil)
        }
        #expect(try #require(AllowedOrigins("*")).allowed(["https://anybody"])?.value == "*")
    }
}

@Suite struct KeyRuleTests {
    private static func status(_ rule: KeyRule, _ headers: String) throws -> (status: Int, asked: Int) {
        let front = try FrontUnderTest(.trustedHeader, keyRule: rule)
        let body = #"{"sku":"phone-x","quantity":1}"#
        let answer = Answer(
            try front.answer(to: "POST /v1/sales/demo/orders HTTP/1.1\r\nHost: h\r\nX-User-Id: anna\r\n\(headers)Content-Length: 30\r\n\r\n\(body)"))
        if answer.status == 400 { #expect(try answer.json()["code"] as? String == "idempotency_key_required") }
        return (answer.status, front.asked.count)
    }

    /// Refused before stock is touched.
    @Test(arguments: ["", "TE: trailers\r\n"])
    func `only those who must bear a key are refused without one`(unusual: String) throws {
        let (browser, site, key) = ("Origin: https://a\r\n", "Sec-Fetch-Site: same-origin\r\n", "Idempotency-Key: k\r\n")
        for (rule, headers, status) in [
            (KeyRule.browsers, "", 201), (.browsers, browser, 400), (.browsers, site, 400), (.browsers, browser + key, 201),
            (.browsers, site + key, 201),
            (.required, "", 400), (.required, key, 201), (.optional, browser + site, 201),
        ] {
            let result = try Self.status(rule, headers + unusual)
            #expect(result.status == status, "\(rule) \(headers)")
            #expect(result.asked == (status == 201 ? 1 : 0))
        }
    }
}
