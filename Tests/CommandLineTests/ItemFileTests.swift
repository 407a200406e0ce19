import SaleCore
import Testing

@testable import seckill

@Suite struct ItemFileTests {
    static let header = "sku,title,unit_price,currency,stock,limit_per_user"

    @Test(arguments: ["\n", "\r\n"], [true, false])
    func quotesCommasAndLineEndsAreRead(lineEnd: String, endsWithLineEnd: Bool) throws {
        let lines = [Self.header, "a,\"Lamp, \"\"big\"\"\",1999,EUR,10,1", "\"b\",\u{706F},0,JPY,0,2"]
        let text = lines.joined(separator: lineEnd) + (endsWithLineEnd ? lineEnd : "")
        let items = try ItemFile.read(Array(text.utf8))
        #expect(
            items == [
                .init(sku: "a", title: "Lamp, \"big\"", unitPrice: 1_999, currency: "EUR", stock: 10, limitPerUser: 1, line: 2),
                .init(sku: "b", title: "\u{706F}", unitPrice: 0, currency: "JPY", stock: 0, limitPerUser: 2, line: 3),
            ])
    }

    /// Spreadsheets write one.
    @Test func aByteOrderMarkIsNotPartOfTheHeader() throws {
        let items = try ItemFile.read([0xEF, 0xBB, 0xBF] + Array("\(Self.header)\na,A,1,EUR,1,1\n".utf8))
        #expect(items.map(\.sku) == ["a"])
    }

    /// What spreadsheets leave of rows that were deleted.
    @Test(arguments: ["", "\n", "\n\n\r\n", "\n,,,,,\n,,,,,", "\n,,\n\n"])
    func emptyLinesAtTheEndAreNoRecords(end: String) throws {
        #expect(try ItemFile.read(Array("\(Self.header)\na,A,1,EUR,1,1\(end)".utf8)).map(\.sku) == ["a"])
    }

    @Test(arguments: [true, false], [true, false])
    func utf16IsCalledWhatItIs(isBigEndian: Bool, hasMark: Bool) {
        let units = (hasMark ? [0xFEFF] : []) + Array("\(Self.header)\na,A,1,EUR,1,1\n".utf16)
        let bytes = units.flatMap { isBigEndian ? [UInt8($0 >> 8), UInt8($0 & 0xFF)] : [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let items = #expect(throws: InvalidInput.self) { try ItemFile.read(bytes) }
        #expect(items?.violations.map(\.description) == ["file: is UTF-16; save it as UTF-8"])
        let sale = #expect(throws: InvalidInput.self) { try SaleFile.read(bytes) }
        #expect(sale == items)
    }

    @Test func moreItemsThanASaleMayHaveAreRefusedInOneLine() {
        let records = (0...SaleDefinition.itemsMax).map { "i-\($0),,x,EUR,1,1\n" }.joined()
        let error = #expect(throws: InvalidInput.self) { try ItemFile.read(Array("\(Self.header)\n\(records)".replacing(",x,", with: ",1,").utf8)) }
        #expect(error?.violations.map(\.description) == ["items: must be at most 10000"])
    }

    /// What follows the header, and what is said of it.
    @Test(arguments: [
        ("", ["file: has no items below its header"]),
        ("a,A,1,EUR,1", ["line 2: record: has 5 fields, not 6"]),
        ("a,A,1,EUR,1,1,", ["line 2: record: has 7 fields, not 6"]),
        ("a,A,1,EUR,1,1\n\nb,B,1,EUR,1,1", ["line 3: record: is empty"]),
        ("a,A,1,EUR,1,1\n,,,,,\nb,B,1,EUR,x,1\n,,,,,", ["line 3: record: is empty", "line 4: stock: must be a whole number, not \"x\""]),
        ("a,A,free,EUR,,1", ["line 2: unit_price: must be a whole number, not \"free\"", "line 2: stock: must be a whole number, not \"\""]),
        (
            "a,A, 1,EUR,+1,01",
            [
                "line 2: unit_price: must be a whole number, not \" 1\"", "line 2: stock: must be a whole number, not \"+1\"",
                "line 2: limit_per_user: must be a whole number, not \"01\"",
            ]
        ),
        (
            "a,A,1,EUR,1,1\nA!,A,1,EUR,1,1\nb,,1,EUR,1,1",
            [
                "line 3: sku: must be 1–64 of a-z 0-9 . _ -, beginning with a letter or digit, not \"A!\"", "line 4: title: must not be empty",
            ]
        ),
        ("a,A,1,EUR,-5,1", ["line 2: stock: must be between 0 and 1000000000, not -5"]),
        ("a,A,1,EUR,1,1\nb,B,1,EUR,1,1\na,A,1,EUR,1,1", ["line 4: sku: \"a\" is already on line 2"]),
        (
            "a,A\"B,1,EUR,1,1\nb,B,x,EUR,1,1",
            [
                "line 2: record: has a quote inside a field that does not begin with one", "line 3: unit_price: must be a whole number, not \"x\"",
            ]
        ),
        ("\"a\"b,A,1,EUR,1,1", ["line 2: record: has text after a closing quote"]),
        ("a,A,1,EUR,1,1\nb,\"B,1,EUR,1,1\n", ["line 3: record: has a quote that is never closed"]),
        (
            "a,\"A\nB\",1,EUR,1,1\nb,B,1,EUR,x,1",
            [
                "line 2: title: must not contain control characters", "line 4: stock: must be a whole number, not \"x\"",
            ]
        ),
        ("a,A\rB,1,EUR,1,1", ["line 2: record: has a carriage return that does not end the line"]),
        ("a,A\0,1,EUR,1,1", ["line 2: record: has a NUL byte"]),
    ])
    func everyBadLineIsNamed(records: String, messages: [String]) {
        let error = #expect(throws: InvalidInput.self) { try ItemFile.read(Array("\(Self.header)\n\(records)".utf8)) }
        #expect(error?.violations.map(\.description) == messages)
    }

    @Test func bytesThatAreNotUTF8AreNamed() {
        let error = #expect(throws: InvalidInput.self) {
            try ItemFile.read(Array("\(Self.header)\na,".utf8) + [0xC3, 0x28] + Array(",1,EUR,1,1".utf8))
        }
        #expect(error?.violations.map(\.description) == ["line 2: record: is not UTF-8"])
    }

    @Test(arguments: [
        ("", "line 1: file: is empty"),
        ("sku;title", "line 1: header: must be \(ItemFileTests.header), not sku;title"),
        (
            "title,sku,unit_price,currency,stock,limit_per_user",
            "line 1: header: must be \(ItemFileTests.header), not title,sku,unit_price,currency,stock,limit_per_user"
        ),
    ])
    func anotherHeaderIsRefused(text: String, message: String) {
        let error = #expect(throws: InvalidInput.self) { try ItemFile.read(Array(text.utf8)) }
        #expect(error?.violations.map(\.description) == [message])
    }
}
