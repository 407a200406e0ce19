import SaleCore
import SaleService
import Testing

@testable import OperatorAPI

@Suite struct CSVLineTests {
    private func line(_ cells: String...) -> String { CSVLine.text(cells.map { ($0, false) }) }

    @Test func aRecordEndsInCRLFAndQuotesWhatItMust() {
        #expect(line("a", "b") == "a,b\r\n")
        #expect(line("a,b", "say \"hi\"", "two\nlines", " x", "") == "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\" x\",\r\n")
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
    func noCellIsTakenForAFormula(text: String) {
        let cell = line(text).drop { $0 == "\"" }
        #expect(cell.hasPrefix("'"), "\(cell)")
    }

    @Test func aNumberStaysANumber() {
        #expect(CSVLine.text([("-5", true), ("7", true)]) == "-5,7\r\n")
    }

    @Test func anOrderIsWrittenAsItsHeaderSays() {
        let order = Order(
            id: OrderID("01a20acf-3265-7000-8038-51184c652a93")!, sale: SaleID("demo")!, sku: SKU("phone-x")!, user: UserID("=bob")!, quantity: 2,
            unitPrice: 399_900, currency: Currency("CNY")!, state: .paid, createdAt: Timestamp(milliseconds: 0),
            payBy: Timestamp(milliseconds: 60_000), refundDue: true)
        #expect(
            OrderCSV.header + OrderCSV.line(OperatorOrder(order)) == """
                id,sale,sku,user,quantity,unit_price,currency,state,refund_due,created_at,pay_by,received,refunded,refund_due_amount\r
                01a20acf-3265-7000-8038-51184c652a93,demo,phone-x,'=bob,2,399900,CNY,paid,true,1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,,,\r

                """)
    }
}
