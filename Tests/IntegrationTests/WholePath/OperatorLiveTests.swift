import Foundation
import NIOHTTP1
import PostgresLedger
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Synchronization
import Testing

/// `GET /admin/v1/live` on a real socket over real stores.
@Suite(.timeLimit(.minutes(3))) struct OperatorLiveTests {
    private func stream(_ operators: OperatorsUnderTest, as name: String = "wall", _ query: String = "") throws -> RawConnection {
        let connection = try RawConnection(to: operators.service.admin.port)
        try connection.send(
            "GET /admin/v1/live\(query) HTTP/1.1\r\nHost: \(operators.service.admin)\r\nAuthorization: Bearer \(operators.tokens[name] ?? name)\r\n\r\n"
        )
        return connection
    }

    private func frames(in text: String) throws -> [[String: Any]] {
        // Chunks are set apart by CR LF, which is one character.
        try text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("data: ") && $0.hasSuffix("}") }.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.dropFirst(6).utf8)) as? [String: Any])
        }
    }

    @Test func aFrameSaysWhatStoresAndMetricsSay() async throws {
        let held = Mutex<RawConnection?>(nil)
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale(stock: 5)
            try await operators.service.sees(sale, "open")
            let order = try #require(try await operators.service.buy(sale, as: "ann").id)
            _ = try await operators.service.buy(sale, as: "bob")
            _ = try await operators.service.buy(sale, as: "ann")
            _ = try await PostgresOrderLife(address: try PostgresAddress(operators.stores.databaseURL)).record(
                PaymentEvent(id: PaymentEventID("e-1")!, order: order, outcome: .succeeded, amount: 399_900, currency: Currency("CNY")!))

            let connection = try stream(operators)
            let head = try await connection.read(until: "\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 200 ") && head.contains("Content-Type: text/event-stream") && head.contains("Cache-Control: no-store"))
            // A heartbeat is up to a second old, and may be of a node that has just begun.
            let ready = try await connection.read(until: #""ready":true"#)
            let paid = try await connection.read(until: #""paid":1"#)
            let frame = try #require(try frames(in: head + ready + paid + (try await connection.read(until: "}\n\n"))).last)
            let node = try #require((frame["nodes"] as? [[String: Any]])?.first)
            #expect(node["ready"] as? Bool == true && node["draining"] as? Bool == false && node["rss_bytes"] as? Int ?? 0 > 0)
            let shown = try #require((frame["sales"] as? [[String: Any]])?.first { $0["sale"] as? String == sale.rawValue })
            #expect(shown["state"] as? String == "open" && shown["fence"] as? String == "proven" && shown["obeyed_by"] as? Int == 1)
            let item = try #require((shown["items"] as? [[String: Any]])?.first)
            #expect(["loaded", "available", "in_flight", "committed", "paid"].map { item[$0] as? Int } == [5, 3, 0, 2, 1], "\(item)")

            // Heartbeats come once a second, and the registry is that of the whole process.
            let metrics = try await operators.service.send(.GET, "/metrics", base: "http://\(operators.service.admin)").text
            let counted = metrics.split(separator: "\n").first { $0.hasPrefix(#"seckill_purchases_total{outcome="limit_reached"}"#) }
            #expect(counted != nil)
            let again = try stream(operators, "?history=600")
            let kept = try frames(in: try await again.read(until: "}\n\n"))
            // Times of one form are ordered as their text is.
            #expect((kept.first?["at"] as? String ?? "~") <= (frame["at"] as? String ?? ""))
            held.withLock { $0 = again }
        }
        // The service has ended although somebody listened, and so has the stream.
        let rest = try await #require(held.withLock { $0 }).readToEnd()
        #expect(rest.hasSuffix("0\r\n\r\n"))
    }

    @Test func framesKeepComingWhilePostgresHangs() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let postgres = try await PrivatePostgres.start(directory: "\(directory.path)/postgres", isDurable: false)
        defer {
            postgres.thaw()
            postgres.killBlocking()
        }
        try await withOperators(databaseURL: postgres.url) { operators in
            let sale = try await operators.stores.makeSale(stock: 5)
            try await operators.service.sees(sale, "open")
            #expect(try await operators.service.buy(sale, as: "ann").status == 201)
            let connection = try stream(operators)
            _ = try await connection.read(until: #""available":4,"committed":1,"in_flight":0,"#)
            postgres.freeze()
            defer { postgres.thaw() }
            var ages: [Int] = []
            var last: [String: Any] = [:]
            // Longer than a session waits for a reply.
            while ages.last ?? 0 < 8_000 {
                for frame in try frames(in: try await connection.read(until: "}\n\n")) {
                    ages.append(try #require(frame["units_age_ms"] as? Int))
                    last = frame
                }
            }
            let old = ages.filter { $0 >= 1_000 }
            #expect(old == old.sorted() && old.count >= 5, "\(ages)")
            let shown = try #require((last["sales"] as? [[String: Any]])?.first { $0["sale"] as? String == sale.rawValue })
            let item = try #require((shown["items"] as? [[String: Any]])?.first)
            #expect(item["committed"] as? Int == 1 && item["available"] as? Int == 4 && item["in_flight"] is NSNull, "\(item)")
        }
    }

    @Test func onlyOperatorsListenAndOnlyAsItIsSaid() async throws {
        try await withOperators { operators in
            #expect(try await operators.send(.GET, "/admin/v1/live", as: nil).status == 401)
            for wrong in ["history=601", "history=x", "history=-1", "sale=demo"] {
                let answer = try await operators.send(.GET, "/admin/v1/live?\(wrong)", as: "wall")
                #expect(answer.status == 422 && answer.code == "invalid_request", "\(wrong)")
            }
            #expect(try await operators.send(.POST, "/admin/v1/live", body: "{}").status == 405)
            let head = try await operators.send(.HEAD, "/admin/v1/live", as: "wall")
            #expect(head.status == 200 && head.header("Content-Type") == "text/event-stream")
        }
    }
}
