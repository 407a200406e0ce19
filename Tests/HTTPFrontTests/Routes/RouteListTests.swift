import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import Testing

@testable import HTTPFront

/// What follows from the lists of routes.
@Suite struct RouteListTests {
    private static let routes = PublicRoutes.all

    /// With a name in the place of each parameter.
    private static func target(_ path: String) -> String {
        path == "/" ? path : path.split(separator: "/").map { $0.hasPrefix("{") ? "/demo" : "/\($0)" }.joined()
    }

    @Test func `the router answers every route but those of the event loop, and no other`() {
        let fixture = RouteFixture()
        let router = PublicRoutes.router(
            PublicRoutes.Dependencies(
                authenticator: .trustedHeader, orders: fixture, lookupReservation: { _ in nil }, actions: fixture, paymentSignature: nil,
                pages: fixture.pages, readiness: { [] }, now: { Sample.now }))
        let answered = Self.routes.filter { $0.handler != nil }
        #expect(Set(router.routes.map { "\($0.method) \($0.path)" }) == Set(answered.map { "\($0.method) \($0.path)" }))
        #expect(router.routes.count == answered.count)
        #expect(Self.routes.filter { $0.handler == nil }.map(\.operation) == ["showSale", "streamSale", "showTime", "purchase"])
    }

    @Test func `every route gets as far as its handler`() async throws {
        for route in Self.routes where route.handler != nil {
            let fixture = RouteFixture(storefront: Storefront { "t" })
            let response = try await fixture.test { try await $0.execute(uri: Self.target(route.path), method: route.method) }
            let body = String(buffer: response.body)
            // What the table and the router say of a path that they do not know.
            #expect(response.status != .methodNotAllowed, "\(route.operation)")
            let isUnknown = response.status == .notFound && body.contains("\"code\":\"not_found\"")
            #expect(!isUnknown || ["showProblem", "showAsset"].contains(route.operation), "\(route.operation)")
        }
    }

    @Test func `every route stands in the table, with its method and its kind`() {
        for route in Self.routes {
            let target = Self.target(route.path)
            #expect(RouteTable.public.methods(at: target)?.contains(route.method) == true, "\(route.operation)")
            #expect(RouteTable.public.methods(at: target)?.contains(.head) == (route.method == .get), "\(route.operation)")
            #expect(RouteTable.public.route(of: target) == route.path)
            #expect(RequestBulkhead.kind(of: target) == route.kind, "\(route.operation)")
            #expect(RequestBulkhead.kind(of: target + "?a=/") == route.kind, "\(route.operation)")
        }
    }

    @Test func `operations have names of their own, and a path has one kind`() {
        #expect(Set(Self.routes.map(\.operation)).count == Self.routes.count)
        for routes in Dictionary(grouping: Self.routes, by: \.path).values {
            #expect(Set(routes.map(\.kind)).count == 1)
        }
    }

    /// The fast path reads it by itself.
    @Test func `the purchase's route is the one that is answered before the router`() {
        #expect(PurchaseTarget.sale(in: Self.target(RequestCounts.purchaseRoute)).map(String.init) == "demo")
        for route in Self.routes where route.path != RequestCounts.purchaseRoute {
            #expect(PurchaseTarget.sale(in: Self.target(route.path)) == nil, "\(route.operation)")
        }
    }

    @Test func `nothing is refused to whoever asks whether this node lives, and to nobody else`() {
        #expect(RouteTable.health == ["/livez", "/readyz"])
        #expect(AdminRoutes.all.allSatisfy { $0.kind == nil })
    }

    @Test func `several methods of a path are one entry of the table`() {
        let table = RouteTable([
            Route<Int>("show", .get, "/a/{b}", parameters: ["x"], .orders, nil),
            Route<Int>("change", .post, "/a/{b}", .orders, nil),
        ])
        #expect(table.methods(at: "/a/1") == [.get, .head, .post])
        #expect(table.kind(of: "/a/1") == .orders && table.kind(of: "/a") == .browsing)
        #expect(throws: Problem.self) { try table.checkParameters(of: "/a/1?y=1") }
        #expect(throws: Never.self) { try table.checkParameters(of: "/a/1?x=1") }
    }
}
