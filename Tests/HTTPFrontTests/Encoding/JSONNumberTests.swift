import Foundation
import Testing

@testable import HTTPFront

@Suite struct JSONNumberTests {
    private static func number(_ text: String) throws -> JSONNumber {
        var found: JSONMember?
        try FlatJSONReader.read(Array("{\"n\":\(text)}".utf8)) { found = $1 }
        guard case .scalar(.number(let number))? = found else { throw JSONSyntaxError(.unexpectedByte, offset: 0) }
        return number
    }

    @Test(
        arguments: [
            ("9223372036854775807", .max), ("9223372036854775807.0", .max), ("-9223372036854775808.0", .min), ("922337203685477580.7e1", .max),
            ("9223372036854775808.0", nil), ("0e99999", 0), ("0.0e-5", 0), ("-0.0", 0), ("1e18", 1_000_000_000_000_000_000), ("1e19", nil),
            ("12e-1", nil),
            ("100e-2", 1), ("100e-3", nil), ("7.998e5", 799_800), ("1e2147483648", nil), ("1e-2147483648", nil),
        ] as [(String, Int64?)])
    func whatIsWholeAndFitsIsAnInteger(text: String, value: Int64?) throws {
        #expect(try Self.number(text).integer == value)
    }

    /// Against exact decimals.
    @Test func everyWritingAgreesWithItsDecimal() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<5_000 {
            let digits = "\(Int.random(in: 0...99_999, using: &random))"
            let fraction = Bool.random(using: &random) ? ".\(Int.random(in: 0...999, using: &random))" : ""
            let exponent = Bool.random(using: &random) ? "e\(Int.random(in: -6...12, using: &random))" : ""
            let text = (Bool.random(using: &random) ? "-" : "") + digits + fraction + exponent
            let decimal = try #require(Decimal(string: text))
            var (whole, copy) = (Decimal(), decimal)
            NSDecimalRound(&whole, &copy, 0, .plain)
            let expected = whole == decimal ? Int64("\(whole)") : nil
            #expect(try Self.number(text).integer == expected, "\(text)")
        }
    }
}
