import NIOCore
import SaleCore
import Testing

@testable import HTTPFront

@Suite struct PurchaseBodyTests {
    @Test(arguments: [
        #"{"sku":"phone-x","quantity":2}"#,
        #"{"quantity":2,"sku":"phone-x"}"#,
        " \t\r\n{ \"sku\" : \"phone-x\" , \"quantity\" : 2 } \n",
        #"{"s\u006bu":"phone\u002Dx","quantity":2}"#,
        #"{"sku":"phone-\u0078","quantity":2}"#,
    ])
    func everySpellingOfAPurchaseIsRead(text: String) throws {
        #expect(try Self.parse(text).get() == PurchaseBody(sku: SKU("phone-x")!, quantity: 2))
    }

    @Test(arguments: [1, 1_000])
    func quantityReachesItsBounds(quantity: Int) throws {
        #expect(try Self.parse("{\"sku\":\"a\",\"quantity\":\(quantity)}").get().quantity == quantity)
    }

    /// JSON has one kind of number (RFC 8259, section 6): how a whole one is written is the
    /// writer's affair.
    @Test(arguments: [
        ("1.0", 1), ("1.000", 1), ("1e0", 1), ("1E0", 1), ("1e3", 1_000), ("1.5e1", 15), ("10e-1", 1), ("120.0e-1", 12), ("0.5e+2", 50),
        ("1000.0", 1_000),
    ])
    func aWholeNumberIsReadHoweverItIsWritten(value: String, quantity: Int) throws {
        #expect(try Self.parse("{\"sku\":\"a\",\"quantity\":\(value)}").get().quantity == quantity)
    }

    @Test(arguments: [
        "0", "-0", "0.0", "-1", "-1.0", "1001", "1.5", "1.05", "1e4", "15e-1", "1e-1", "1e99", "1e99999999999999999999", "9223372036854775808",
        "1" + String(repeating: "0", count: 400), "\"1\"", "true", "null",
        "[1]", "{}",
    ])
    func wrongQuantityIsNamed(value: String) {
        #expect(
            Self.violations("{\"sku\":\"a\",\"quantity\":\(value)}") == [
                Violation(field: "quantity", reason: "must be a whole number between 1 and 1000")
            ])
    }

    @Test(arguments: [
        "\"\"", "\"UPPER\"", "\"a b\"", "\"-a\"", "\".\"", "\"a\\u0000\"", "\"\(String(repeating: "a", count: 65))\"", "1", "null", "[]", "\"ü\"",
    ])
    func wrongSKUIsNamed(value: String) {
        #expect(Self.violations("{\"sku\":\(value),\"quantity\":1}")?.map(\.field) == ["sku"])
    }

    @Test func missingMembersAreNamed() {
        #expect(Self.violations("{}")?.map(\.field) == ["sku", "quantity"])
        #expect(Self.violations("{\"sku\":\"a\"}") == [Violation(field: "quantity", reason: "is missing")])
    }

    @Test(arguments: ["1", "{\"price\":[{}]}", "null"])
    func unknownMemberIsNamedAndNeverUsed(value: String) {
        #expect(Self.violations("{\"sku\":\"a\",\"quantity\":1,\"user_id\":\(value)}")?.map(\.field) == ["user_id"])
    }

    @Test func longUnknownNameIsCutShort() throws {
        let name = "a" + String(repeating: "\u{301}", count: 3_000)
        let field = try #require(Self.violations("{\"sku\":\"a\",\"quantity\":1,\"\(name)\":1}")?.first?.field)
        #expect(field.utf8.count < 64)
    }

    @Test(arguments: ["[]", "1", "null", "\"a\"", "true"])
    func otherJSONThanAnObjectIsInvalid(text: String) {
        #expect(Self.violations(text)?.map(\.field) == ["body"])
    }

    @Test(arguments: [
        "", " ", "{", "}", "{\"sku\":\"a\",\"quantity\":1", "{\"sku\":\"a\",\"quantity\":1}}", "{\"sku\":\"a\",\"quantity\":1} x",
        "{\"sku\":\"a\",\"quantity\":1,}", "{,\"sku\":\"a\"}", "{\"sku\" \"a\"}", "{sku:\"a\"}", "{'sku':'a'}",
        "{\"sku\":\"a\",\"quantity\":NaN}", "{\"sku\":\"a\",\"quantity\":Infinity}", "{\"sku\":\"a\",\"quantity\":01}",
        "{\"sku\":\"a\",\"quantity\":+1}", "{\"sku\":\"a\",\"quantity\":1.}", "{\"sku\":\"a\",\"quantity\":.5}", "{\"sku\":\"a\",\"quantity\":1e}",
        "{\"sku\":\"a\",\"quantity\":-}", "{\"sku\":\"a\u{1}\",\"quantity\":1}", "{\"sku\":\"\\x\",\"quantity\":1}",
        "{\"sku\":\"\\u12\",\"quantity\":1}", "{\"sku\":\"\\ud800\",\"quantity\":1}", "{\"sku\":\"\\udc00\",\"quantity\":1}",
        "{\"sku\":\"\\ud800\\ud800\",\"quantity\":1}", "{\"sku\":\"\\ud800a\",\"quantity\":1}", "{\"sku\":\"a\",\"quantity\":tru}",
        "{\"sku\":\"a\",\"sku\":\"a\",\"quantity\":1}", "{\"sku\":\"a\",\"s\\u006bu\":\"a\",\"quantity\":1}",
        "{\"sku\":\"a\",\"quantity\":1}\u{0}", "\u{FEFF}{\"sku\":\"a\",\"quantity\":1}", "{\"sku\":\"a\",\"quantity\":1}/**/",
    ])
    func brokenSyntaxIsMalformed(text: String) {
        #expect(Self.isMalformed(ByteBuffer(string: text)))
    }

    @Test(arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func invalidUTF8IsMalformed(bytes: [UInt8]) {
        var body = ByteBuffer(string: "{\"sku\":\"")
        body.writeBytes(bytes)
        body.writeString("\",\"quantity\":1}")
        #expect(Self.isMalformed(body))
    }

    @Test func deepNestingIsMalformedAndDoesNotOverflowTheStack() {
        #expect(Self.isMalformed(ByteBuffer(repeating: UInt8(ascii: "["), count: 100_000)))
        #expect(Self.isMalformed(ByteBuffer(string: "{\"a\":" + String(repeating: "[", count: 32) + String(repeating: "]", count: 32) + "}")))
        #expect(Self.violations("{\"a\":" + String(repeating: "[", count: 31) + String(repeating: "]", count: 31) + "}") != nil)
    }

    @Test func manyMembersAreRefused() {
        let members = (0..<1_000).map { "\"m\($0)\":1" }.joined(separator: ",")
        #expect(Self.isMalformed(ByteBuffer(string: "{\(members)}")))
    }

    @Test func syntaxIsJudgedBeforeMeaning() {
        #expect(Self.isMalformed(ByteBuffer(string: "{\"nonsense\":1,\"quantity\":-5,")))
    }

    @Test func aSliceOfALargerBufferIsReadInItsOwnBounds() throws {
        var buffer = ByteBuffer(string: "xx{\"sku\":\"a\",\"quantity\":1}xx")
        buffer.moveReaderIndex(forwardBy: 2)
        let slice = try #require(buffer.getSlice(at: buffer.readerIndex, length: buffer.readableBytes - 2))
        #expect(try PurchaseBody.parse(slice).get().quantity == 1)
    }

    private static func parse(_ text: String) -> Result<PurchaseBody, BodyProblem> { PurchaseBody.parse(ByteBuffer(string: text)) }

    private static func violations(_ text: String) -> [Violation]? {
        guard case .failure(.invalid(let violations)) = parse(text) else { return nil }
        return violations
    }

    private static func isMalformed(_ body: ByteBuffer) -> Bool {
        guard case .failure(.malformed) = PurchaseBody.parse(body) else { return false }
        return true
    }
}
