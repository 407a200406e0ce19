import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService
import Synchronization
import Testing

@testable import HTTPFront

/// The document says what the service does, and nothing else.
@Suite struct OpenAPITests {
    private struct Operation {
        var path: String
        var method: String
        var object: [String: Any]
        var id: String { object["operationId"] as? String ?? "" }
    }

    private let document: OpenAPIReader
    private let operations: [Operation]

    init() async throws {
        let response = try await RouteFixture().test { try await $0.execute(uri: "/openapi.json", method: .get) }
        #expect(response.status == .ok)
        document = OpenAPIReader(root: try response.json)
        let paths = try #require(document.root["paths"] as? [String: [String: Any]])
        operations = paths.flatMap { path, methods in
            methods.compactMap { method, object in (object as? [String: Any]).map { Operation(path: path, method: method, object: $0) } }
        }
    }

    /// Pages for people, and what they and browsers ask for by themselves.
    private static let undocumented = [
        "showRoot", "showIcon", "showRobots", "showSalePage", "showOrdersPage", "showOrderPage", "showAsset", "makeDemoToken", "payDemoOrder",
    ]

    @Test func `every route is an operation, and every operation a route`() {
        let routes = PublicRoutes.all.filter { !Self.undocumented.contains($0.operation) }
        #expect(
            Set(routes.map { "\($0.operation) \($0.method) \($0.path)" }) == Set(operations.map { "\($0.id) \($0.method.uppercased()) \($0.path)" }))
    }

    @Test func `the parameters of a query are those that the route takes`() {
        for route in PublicRoutes.all {
            guard let parameters = route.parameters, let operation = operations.first(where: { $0.id == route.operation }) else { continue }
            let told = (operation.object["parameters"] as? [Any] ?? []).map { document.resolved($0) }.filter { $0["in"] as? String == "query" }
            #expect(Set(told.compactMap { $0["name"] as? String }) == Set(parameters), "\(route.operation)")
        }
    }

    @Test func `every code of a problem stands under its status, and no other`() throws {
        var codes: [Int: Set<String>] = [:]
        for operation in operations {
            for (status, response) in operation.object["responses"] as? [String: Any] ?? [:] {
                let content = document.resolved(response)["content"] as? [String: Any]
                guard let schema = (content?["application/problem+json"] as? [String: Any])?["schema"] else { continue }
                codes[try #require(Int(status)), default: []].formUnion(document.enumeration(of: "code", in: schema))
            }
        }
        let ours = ProblemCode.allCases.filter { !ProblemCode.ofOperators.contains($0) }
        #expect(codes == Dictionary(grouping: ours, by: \.status).mapValues { Set($0.map(\.rawValue)) })
    }

    @Test func `each example is what its schema says`() {
        var count = 0
        document.examples(in: document.root, at: "#") { place, example, schema in
            count += 1
            for violation in document.violations(of: example, by: schema, at: place) { Issue.record("\(violation)") }
        }
        #expect(count > 30)
    }

    @Test func `a schema tells what is wrong`() {
        let schema: [String: Any] = ["$ref": "#/components/schemas/PurchaseBody"]
        for (value, isRight) in [
            (["sku": "a", "quantity": 1] as [String: Any], true), (["sku": "a"], false), (["sku": "A", "quantity": 1], false),
            (["sku": "a", "quantity": 0], false), (["sku": "a", "quantity": "1"], false), (["sku": "a", "quantity": 1, "x": 1], false),
        ] {
            #expect(document.violations(of: value, by: schema, at: "#").isEmpty == isRight, "\(value)")
        }
    }

    @Test func `what the service answers is what the document says`() async throws {
        let fixture = RouteFixture()
        fixture.show(Sample.snapshot(available: 7))
        fixture.state.withLock { state in
            state.orders[Sample.orderID] = Sample.order(refundDue: true)
            state.cancelOutcome = .cancelled(Sample.order(state: .cancelled))
        }
        for (id, method, uri) in [
            ("listSales", HTTPRequest.Method.get, "/v1/sales"), ("listOrders", .get, "/v1/orders"),
            ("showOrder", .get, "/v1/orders/\(Sample.orderID)"),
            ("cancelOrder", .post, "/v1/orders/\(Sample.orderID)/cancel"), ("listSales", .get, "/v1/sales?limit=0"), ("live", .get, "/livez"),
            ("ready", .get, "/readyz?verbose"), ("showOrder", .get, "/v1/orders/x"),
        ] {
            let response = try await fixture.test { try await $0.execute(uri: uri, method: method, headers: .user(Sample.alice)) }
            try check(
                id, Int(response.status.code), response.headers[.contentType],
                JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)))
        }
        let front = try FrontUnderTest(.trustedHeader)
        for (id, line) in [("showSale", "GET /v1/sales/demo"), ("showSale", "GET /v1/sales/none"), ("showTime", "GET /v1/time")] {
            let answer = Answer(try front.answer(to: "\(line) HTTP/1.1\r\nHost: h\r\n\r\n"))
            try check(id, answer.status, answer["content-type"], answer.json())
        }
        for headers in ["X-User-Id: anna\r\n", "X-User-Id: anna\r\nIdempotency-Key: k\r\n", ""] {
            let answer = Answer(
                try front.answer(
                    to: "POST /v1/sales/demo/orders HTTP/1.1\r\nHost: h\r\nOrigin: https://a\r\n\(headers)Content-Length: 30\r\n\r\n"
                        + #"{"sku":"phone-x","quantity":1}"#))
            try check("purchase", answer.status, answer["content-type"], answer.json())
        }
    }

    private func check(_ id: String, _ status: Int, _ type: String?, _ body: Any) throws {
        let operation = try #require(operations.first { $0.id == id })
        let told = try #require((operation.object["responses"] as? [String: Any])?["\(status)"], "\(id) \(status)")
        let content = document.resolved(told)["content"] as? [String: Any]
        let media = try #require(content?[type ?? ""] as? [String: Any], "\(id) \(status) \(type ?? "")")
        let schema = try #require(media["schema"])
        #expect(document.violations(of: body, by: schema, at: "\(id) \(status)") == [])
    }
}
