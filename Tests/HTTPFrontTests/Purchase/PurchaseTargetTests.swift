import Testing

@testable import HTTPFront

@Suite struct PurchaseTargetTests {
    @Test(arguments: [("/v1/sales/demo/orders", "demo"), ("/v1/sales/a/orders?x=/y", "a"), ("/v1/sales/%64emo/orders", "%64emo")])
    func theLiteralPathNamesItsSale(target: String, sale: String) {
        #expect(PurchaseTarget.sale(in: target).map(String.init) == sale)
    }

    @Test(arguments: [
        "/v1/sales/demo", "/v1/sales//orders", "/v1/sales/orders", "/v1/sales/a/b/orders", "/v1/sales/demo/orders/", "/V1/sales/demo/orders",
        "http://h/v1/sales/demo/orders", "/v1/sales/demo/ordersx", "/v1/orders", "/v1/sales/demo?/orders",
    ])
    func everyOtherPathIsTheRouters(target: String) {
        #expect(PurchaseTarget.sale(in: target) == nil)
    }
}
