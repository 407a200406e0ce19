import Foundation
import NIOCore
import SaleCore
import Testing

@testable import HTTPFront

@Suite struct JSONWritingTests {
    @Test func orderIsWhatFoundationReads() throws {
        let object = try Self.object { OrderJSON.write(Sample.order(), into: &$0) }
        #expect(Set(object.keys) == ["id", "sale", "sku", "quantity", "unit_price", "currency", "state", "created_at", "pay_by"])
        #expect(object["id"] as? String == Sample.orderID.description)
        #expect(object["sale"] as? String == "demo")
        #expect(object["sku"] as? String == "phone-x")
        #expect(object["quantity"] as? Int == 2)
        #expect(object["unit_price"] as? Int == 399_900)
        #expect(object["currency"] as? String == "CNY")
        #expect(object["state"] as? String == "awaiting_payment")
        #expect(object["created_at"] as? String == "2026-03-01T12:00:00Z")
        #expect(object["pay_by"] as? String == "2026-03-01T12:15:00.001Z")
    }

    @Test func refundDueIsWrittenOnlyWhenDue() throws {
        let object = try Self.object { OrderJSON.write(Sample.order(refundDue: true), into: &$0) }
        #expect(object["refund_due"] as? Bool == true)
    }

    @Test func pageNamesTheNextCursorOrNull() throws {
        let more = try Self.object { OrderJSON.write(page: [Sample.order(), Sample.order()], nextCursor: Sample.orderID, into: &$0) }
        #expect((more["orders"] as? [Any])?.count == 2)
        #expect(more["next_cursor"] as? String == Sample.orderID.description)
        let last = try Self.object { OrderJSON.write(page: [], nextCursor: nil, into: &$0) }
        #expect((last["orders"] as? [Any])?.isEmpty == true)
        #expect(last["next_cursor"] is NSNull)
    }

    @Test func saleIsWhatFoundationReads() throws {
        let page = SalePage(Sample.snapshot(Sample.sale(title: "A \"quoted\"\\ title\n\u{1}\u{2028}🎁"), available: 7))
        let object = try Self.object { page.write(in: page.phase(at: Sample.now), at: Sample.now, into: &$0) }
        #expect(Set(object.keys) == ["sale", "title", "server_time", "state", "opens_at", "closes_at", "items"])
        #expect(object["title"] as? String == "A \"quoted\"\\ title\n\u{1}\u{2028}🎁")
        #expect(object["state"] as? String == "open")
        #expect(object["server_time"] as? String == "2026-03-01T12:00:00Z")
        let item = try #require((object["items"] as? [[String: Any]])?.first)
        #expect(Set(item.keys) == ["sku", "title", "unit_price", "currency", "stock", "available", "limit_per_user"])
        #expect(item["stock"] as? Int == 1_000)
        #expect(item["available"] as? Int == 7)
        #expect(item["limit_per_user"] as? Int == 1)
    }

    @Test func anyStringComesBackFromFoundation() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let text = Self.randomText(&random)
            var buffer = ByteBuffer()
            buffer.writeJSONString(text)
            let read = try JSONDecoder().decode(String.self, from: Data(buffer.readableBytesView))
            #expect(read.utf8.elementsEqual(text.utf8), "\(text.debugDescription)")
        }
    }

    @Test(arguments: [Int64.min, -10, -9, -1, 0, 1, 9, 10, 99, 100, 12_345, .max])
    func integerIsWrittenInDecimal(value: Int64) {
        var buffer = ByteBuffer()
        buffer.writeDecimal(value)
        #expect(String(buffer: buffer) == "\(value)")
    }

    private static func object(_ write: (inout ByteBuffer) -> Void) throws -> [String: Any] {
        var buffer = ByteBuffer()
        write(&buffer)
        return try #require(try JSONSerialization.jsonObject(with: Data(buffer.readableBytesView)) as? [String: Any])
    }

    private static func randomText(_ random: inout SeededGenerator) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...20, using: &random) {
            let bound: UInt32 = [0x30, 0x7F, 0x800, 0xFFFF, 0x10FFFF].randomElement(using: &random)!
            if let scalar = Unicode.Scalar(UInt32.random(in: 0...bound, using: &random)) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
