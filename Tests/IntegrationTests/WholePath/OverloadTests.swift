import Foundation
import HTTPFront
import NIOHTTP1
import PrivateServers
import SaleCore
import SaleService
import Testing

@testable import ServerAssembly

/// Clients that want too much, or too slowly, on sockets.
@Suite(.timeLimit(.minutes(2))) struct OverloadTests {
    private static func purchase(_ sale: SaleID, user: String, extra: String = "") -> String {
        let body = #"{"sku":"phone-x","quantity":1}"#
        return "POST /v1/sales/\(sale)/orders HTTP/1.1\r\nHost: h\r\nX-User-Id: \(user)\r\n\(extra)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func statuses(in answers: String) -> [String] {
        answers.matches(of: #/HTTP/1\.1 ([0-9]{3}) /#).map { String($0.1) }
    }

    /// A port with short time limits, so that a test need not wait for long.
    ///
    /// The process's metrics come first: counters that are made before them count nothing.
    private static func impatient(_ change: (inout ConnectionLimits) -> Void = { _ in }) -> ConnectionEnvironment {
        _ = ProcessMetricsRegistry.shared
        var limits = ConnectionLimits()
        limits.sweepInterval = 10_000_000
        limits.requestRead = 200_000_000
        limits.responseWrite = 200_000_000
        limits.linger = 200_000_000
        change(&limits)
        return ConnectionEnvironment(limits: limits)
    }

    @Test func hundredsOfRefusalsBehindAPurchaseThatWaitsAreAnsweredInOrder() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let connection = try RawConnection(to: service.address.port)
                let refusals = String(repeating: Self.purchase(SaleID("nope")!, user: "a"), count: 400)
                try connection.send(Self.purchase(sale, user: "a") + refusals + Self.purchase(sale, user: "b", extra: "Connection: close\r\n"))
                #expect(Self.statuses(in: try await connection.readToEnd()) == ["201"] + Array(repeating: "404", count: 400) + ["201"])
            }
        }
    }

    /// Closing while the client still sends would reset the connection, and the answer could be
    /// lost with it.
    @Test(arguments: ["/v1/sales/{sale}/orders", "/v1/orders"])
    func aClientThatSendsAWholeBodyThatIsTooLongHearsSo(path: String) async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                for _ in 0..<5 {
                    let connection = try RawConnection(to: service.address.port)
                    try connection.send(
                        "\(path == "/v1/orders" ? "GET" : "POST") \(path.replacing("{sale}", with: sale.rawValue)) HTTP/1.1\r\nHost: h\r\n"
                            + "X-User-Id: a\r\nContent-Length: 500000\r\n\r\n" + String(repeating: " ", count: 500_000))
                    #expect(Self.statuses(in: try await connection.readToEnd()) == ["413"])
                }
            }
        }
    }

    @Test func anAddressThatItsOwnBucketRefusesTakesNothingFromEverybodys() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores, ["SECKILL_LIMIT_PER_IP": "1/10", "SECKILL_LIMIT_TOTAL": "1/100"]) { service in
                _ = try await service.eventually {
                    try await service.send(.GET, "/v1/sales/\(sale)")
                } until: {
                    $0.json["state"] as? String == "open"
                }
                let attacker = try RawConnection(to: service.address.port, from: "127.0.0.2")
                try attacker.send(
                    String(repeating: Self.purchase(sale, user: "a", extra: "Content-Type: text/plain\r\n"), count: 200)
                        + "GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                let heard = Self.statuses(in: try await attacker.readToEnd())
                #expect(heard.count { $0 == "429" } > 150)
                let buyer = try RawConnection(to: service.address.port)
                try buyer.send(Self.purchase(sale, user: "b", extra: "Connection: close\r\n"))
                #expect(Self.statuses(in: try await buyer.readToEnd()) != ["429"])
            }
        }
    }

    /// Behind a load balancer each buyer has a bucket by the address that the balancer appended;
    /// nobody else is believed.
    @Test func buyersBehindATrustedProxyHaveBucketsOfTheirOwn() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores, ["SECKILL_LIMIT_PER_IP": "1/3", "SECKILL_TRUSTED_PROXIES": "127.0.0.2"]) { service in
                _ = try await service.eventually {
                    try await service.send(.GET, "/v1/sales/\(sale)")
                } until: {
                    $0.json["state"] as? String == "open"
                }
                func limited(_ forwarded: String, from peer: String) async throws -> Int {
                    let connection = try RawConnection(to: service.address.port, from: peer)
                    let extra = "Content-Type: text/plain\r\nX-Forwarded-For: \(forwarded)\r\n"
                    try connection.send(
                        String(repeating: Self.purchase(sale, user: "a", extra: extra), count: 20)
                            + "GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                    return Self.statuses(in: try await connection.readToEnd()).count { $0 == "429" }
                }
                #expect(try await limited("203.0.113.1", from: "127.0.0.2") > 10)
                // Another buyer, in spite of what he claims to be: at least his own three tokens
                // are there.
                #expect((1...17).contains(try await limited("203.0.113.1, 203.0.113.2", from: "127.0.0.2")))
                #expect(try await limited("203.0.113.9, 203.0.113.1", from: "127.0.0.2") > 17)
                // A stranger's header counts for nothing: the same peer stays in its bucket.
                #expect(try await limited("203.0.113.3", from: "127.0.0.3") > 10)
                #expect(try await limited("203.0.113.4", from: "127.0.0.3") > 17)
            }
        }
    }

    @Test func whatTheNodesBucketRefusesIsNotChargedToTheAddress() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores, ["SECKILL_LIMIT_PER_IP": "1/5", "SECKILL_LIMIT_TOTAL": "1/2"]) { service in
                _ = try await service.eventually {
                    try await service.send(.GET, "/v1/sales/\(sale)")
                } until: {
                    $0.json["state"] as? String == "open"
                }
                let connection = try RawConnection(to: service.address.port)
                try connection.send(
                    String(repeating: Self.purchase(sale, user: "a", extra: "Content-Type: text/plain\r\n"), count: 20)
                        + "GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                let text = try await connection.readToEnd()
                let policies = text.matches(of: #/"violated_policies":\["([a-z]+)"\]/#).map { String($0.1) }
                #expect(policies.count >= 17)
                #expect(Set(policies) == ["total"])
            }
        }
    }

    // MARK: Slow clients

    @Test(arguments: [
        "GET /livez HTTP/1.1\r\nHost: h\r\nX-A", "POST /v1/sales/{sale}/orders HTTP/1.1\r\nHost: h\r\nX-User-Id: a\r\nContent-Length: 30\r\n\r\n{",
    ])
    func aRequestThatDoesNotComeToItsEndIsRefusedAndTheConnectionClosed(start: String) async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores, front: Self.impatient()) { service in
                try await service.sees(sale, "open")
                let connection = try RawConnection(to: service.address.port)
                try connection.send(start.replacing("{sale}", with: sale.rawValue))
                #expect(Self.statuses(in: try await connection.readToEnd()) == ["400"])
                let metrics = try await service.send(.GET, "/metrics", base: "http://\(service.admin)").text
                #expect(metrics.contains("seckill_connections_closed_total{reason=\"slow_request\"}"))
            }
        }
    }

    @Test func aClientThatReadsNothingIsCutOff() async throws {
        try await withStores { stores in
            try await withService(over: stores, front: Self.impatient()) { service in
                let connection = try RawConnection(to: service.address.port)
                let requests = String(repeating: "GET /problems HTTP/1.1\r\nHost: h\r\n\r\n", count: 100)
                await #expect(throws: RawConnection.Failed.self) {
                    // The service stops reading when its answers are not taken, so this waits until
                    // it closes.
                    try await connection.sendOnThread(requests, times: 20_000)
                }
                #expect(try await service.send(.GET, "/livez").status == 200)
            }
        }
    }

    @Test func idleConnectionsAreClosedEarlyOnlyWhenThePortIsCrowded() async throws {
        let front = Self.impatient {
            $0.connectionsMax = 40
            $0.idleCrowded = 100_000_000
        }
        try await withStores { stores in
            try await withService(over: stores, front: front) { service in
                let early = try (0..<10).map { _ in try RawConnection(to: service.address.port) }
                try early[0].send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try await early[0].read(until: "live").contains("200"))
                let flood = try (0..<25).map { _ in try RawConnection(to: service.address.port) }
                for connection in early + flood where try await connection.readToEnd() != "" { Issue.record("an idle connection was answered") }
                #expect(try await service.send(.GET, "/livez").status == 200)
            }
        }
    }

    // MARK: Shedding

    @Test func anEventLoopThatRunsLateRefusesPurchasesAndBrowsingButNoOrdersAndNoHealth() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            let late = Self.impatient {
                $0.loopLagMax = 0
                $0.loopLagBrowsingMax = 0
            }
            try await withService(over: stores, front: late) { service in
                let purchase = try await service.eventually {
                    try await service.buy(sale, as: "a")
                } until: {
                    $0.code == "overloaded"
                }
                #expect(purchase.status == 503)
                #expect(purchase.header("Retry-After").flatMap { Int($0) } != nil)
                let browsing = try await service.eventually {
                    try await service.send(.GET, "/v1/sales")
                } until: {
                    $0.code == "overloaded"
                }
                #expect(browsing.header("Retry-After") != nil)
                #expect(try await service.send(.GET, "/v1/orders", headers: [("X-User-Id", "a")]).status == 200)
                #expect(try await service.send(.GET, "/livez").status == 200)
                #expect(try await service.send(.GET, "/readyz").status == 200)
                let metrics = try await service.send(.GET, "/metrics", base: "http://\(service.admin)").text
                #expect(metrics.contains("seckill_requests_shed_total{reason=\"purchase_lag\"}"))
                #expect(metrics.contains("seckill_requests_shed_total{reason=\"browsing_lag\"}"))
            }
        }
    }

    @Test func aKindOfRequestWithoutAPlaceIsRefusedAtOnceAndPurchasesGoOn() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            let full = ConnectionEnvironment(bulkhead: RequestBulkhead(browsingMax: 64, ordersMax: 0, paymentsMax: 0))
            try await withService(over: stores, front: full) { service in
                try await service.sees(sale, "open")
                let connection = try RawConnection(to: service.address.port)
                try connection.send(
                    "GET /v1/orders HTTP/1.1\r\nHost: h\r\nX-User-Id: a\r\n\r\n" + Self.purchase(sale, user: "a")
                        + "GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                let text = try await connection.readToEnd()
                #expect(Self.statuses(in: text) == ["503", "201", "200"])
                #expect(text.contains("Retry-After"))
            }
        }
    }
}

extension RawConnection {
    /// Sends `text` again and again on a thread of its own, for it may block.
    func sendOnThread(_ text: String, times: Int) async throws {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { [self] in
                continuation.resume(with: Result { for _ in 0..<times { try send(text) } })
            }
        }
    }
}
