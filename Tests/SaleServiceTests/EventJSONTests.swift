import SaleCore
import SaleService
import Testing

@Suite struct EventJSONTests {
    private let at = Timestamp(milliseconds: 1_800_000_000_004)

    private func event(_ type: EventType, user: String? = nil, cause: String? = nil, actor: String? = nil, sku: String? = "phone-x") -> FeedEvent {
        let order = user.map { user in
            Order(
                id: OrderID("01a20acf-3265-7000-8038-51184c652a93")!, sale: SaleID("demo")!, sku: SKU("phone-x")!, user: UserID(user)!, quantity: 2,
                unitPrice: 399_900, currency: Currency("CNY")!, state: .expired, createdAt: at, payBy: at.advanced(milliseconds: 900_000))
        }
        return FeedEvent(
            position: EventPosition(turn: 7, row: 8, part: 1), type: type, at: at, sale: SaleID("demo")!, sku: sku.flatMap { SKU($0) }, order: order,
            cause: cause, actor: actor)
    }

    private static let order = """
        {"id":"01a20acf-3265-7000-8038-51184c652a93","sale":"demo","sku":"phone-x","quantity":2,"unit_price":399900,"currency":"CNY","user":"ann",\
        "created_at":"2027-01-15T08:00:00.004Z","pay_by":"2027-01-15T08:15:00.004Z"}
        """

    @Test func anOrdersEventHasTheOrderInIt() {
        #expect(
            EventJSON.text(event(.orderPaid, user: "ann", cause: "e-1")) == """
                {"id":"evt_7-8-1","type":"order.paid","at":"2027-01-15T08:00:00.004Z","sale":"demo","order":\(Self.order),"cause":"e-1"}
                """)
    }

    @Test func aWebhooksDataIsTheOrderItself() {
        #expect(
            EventJSON.webhook(event(.orderPaid, user: "ann")) == """
                {"type":"order.paid","timestamp":"2027-01-15T08:00:00.004Z","data":\(Self.order)}
                """)
    }

    @Test func aSalesEventSaysWhoDidWhat() {
        #expect(
            EventJSON.webhook(event(.stockChanged, cause: "a \"b\" \\ \n\u{1} → 小", actor: "root")) == """
                {"type":"stock.changed","timestamp":"2027-01-15T08:00:00.004Z","data":\
                {"sale":"demo","sku":"phone-x","cause":"a \\"b\\" \\\\ \\n\\u0001 → 小","actor":"root"}}
                """)
        #expect(
            EventJSON.text(event(.salePaused, sku: nil)) == """
                {"id":"evt_7-8-1","type":"sale.paused","at":"2027-01-15T08:00:00.004Z","sale":"demo"}
                """)
    }

    @Test func aPageSaysWhereToGoOn() {
        let page = EventPage(events: [event(.salePaused, sku: nil)], next: EventPosition(turn: 9, row: 1, part: 1), isEnd: true)
        #expect(EventJSON.text(page) == "{\"events\":[\(EventJSON.text(page.events[0]))],\"next\":\"9-1-1\"}")
        #expect(EventJSON.text(EventPage(events: [], next: .beginning, isEnd: true)) == #"{"events":[],"next":"0-0-0"}"#)
        #expect(EventJSON.lines(page.events + page.events) == (EventJSON.text(page.events[0]) + "\n") + (EventJSON.text(page.events[0]) + "\n"))
    }

    @Test func aBatchNamesEachOfItsEvents() {
        let paused = event(.salePaused, sku: nil)
        #expect(
            EventJSON.webhook(batch: [paused, paused]) == """
                {"type":"events","timestamp":"2027-01-15T08:00:00.004Z","data":[\
                {"id":"evt_7-8-1",\(EventJSON.webhook(paused).dropFirst()),{"id":"evt_7-8-1",\(EventJSON.webhook(paused).dropFirst())]}
                """)
    }
}
