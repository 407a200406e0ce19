import Testing

@testable import HTTPFront

@Suite struct RequestBulkheadTests {
    @Test(arguments: [
        ("/v1/sales", RequestBulkhead.Kind.browsing), ("/v1/sales/demo?x", .browsing), ("/problems/sold_out", .browsing), ("/nowhere", .browsing),
        ("/v1/orders", .orders), ("/v1/orders?limit=5", .orders), ("/v1/orders/1", .orders), ("/v1/orders/1?x=/", .orders),
        ("/v1/orders/1/cancel", .orders), ("/v1/payments/events", .payments), ("/v1/payments/events?x", .payments), ("/livez", nil),
        ("/livez?x", nil),
        ("/readyz", nil), ("/readyz?verbose", nil),
    ])
    func eachPathHasItsKind(path: String, kind: RequestBulkhead.Kind?) {
        #expect(RequestBulkhead.kind(of: path) == kind)
    }

    /// Nobody gets past a bound, or takes another kind's places, by another spelling: it is
    /// answered 404, from memory, as browsing is.
    @Test(arguments: [
        "/livezX", "/livez/", "/livez/x", "/readyzz", "/Livez", "//livez", "/./livez", "/livez%3F", "/%6Civez", "/livez;x", "/x?/livez",
        "/v1/%6Frders", "/v1/ordersX", "/v1/orders/", "/v1/orders/1/2", "/v1/orders/1/cancel/2", "/v1/orders//cancel", "/v1/orders/../orders",
        "/v1/orders/%31", "/V1/orders", "/v1//orders", "/v1/payments", "/v1/payments/", "/v1/payments/eventsX", "/v1/payments/%65vents", "*", "",
    ])
    func whatIsNoPathOfOursIsBrowsing(path: String) {
        #expect(RouteTable.public.methods(at: path.split(separator: "?").first.map(String.init) ?? "") == nil)
        #expect(RequestBulkhead.kind(of: path) == .browsing)
    }

    @Test func oneKindThatIsFullLeavesTheOthersAlone() {
        let bulkhead = RequestBulkhead(browsingMax: 2, ordersMax: 1, paymentsMax: 1)
        #expect(bulkhead.enter(.browsing))
        #expect(bulkhead.enter(.browsing))
        #expect(!bulkhead.enter(.browsing))
        #expect(bulkhead.enter(.orders))
        #expect(!bulkhead.enter(.orders))
        #expect(bulkhead.enter(.payments))
        bulkhead.leave(.browsing)
        #expect(bulkhead.enter(.browsing))
        #expect(!bulkhead.enter(.browsing))
    }
}
