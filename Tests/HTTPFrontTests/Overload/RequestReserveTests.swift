import Testing

@testable import HTTPFront

@Suite struct RequestReserveTests {
    @Test(arguments: [
        ("/v1/sales", RequestReserve.Kind.browsing), ("/v1/sales/demo?x", .browsing), ("/problems/sold_out", .browsing), ("/nowhere", .browsing),
        ("/v1/orders", .orders), ("/v1/orders/1/cancel", .orders), ("/v1/payments/events", .payments), ("/livez", nil), ("/readyz?verbose", nil),
    ])
    func eachPathHasItsKind(path: String, kind: RequestReserve.Kind?) {
        #expect(RequestReserve.kind(of: path) == kind)
    }

    @Test func oneKindThatIsFullLeavesTheOthersAlone() {
        let reserve = RequestReserve(browsingMax: 2, ordersMax: 1, paymentsMax: 1)
        #expect(reserve.enter(.browsing))
        #expect(reserve.enter(.browsing))
        #expect(!reserve.enter(.browsing))
        #expect(reserve.enter(.orders))
        #expect(!reserve.enter(.orders))
        #expect(reserve.enter(.payments))
        reserve.leave(.browsing)
        #expect(reserve.enter(.browsing))
        #expect(!reserve.enter(.browsing))
    }
}
