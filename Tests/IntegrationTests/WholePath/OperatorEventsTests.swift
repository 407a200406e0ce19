import Foundation
import NIOHTTP1
import SaleCore
import Testing

/// The feed of events over operators' REST.
@Suite(.timeLimit(.minutes(2))) struct OperatorEventsTests {
    private static let path = "/admin/v1/events"

    /// An item is put on sale, and two buyers get one each.
    private func withEvents(_ body: @Sendable (OperatorsUnderTest, _ all: Answer) async throws -> Void) async throws {
        try await withOperators { operators in
            let sale = try await operators.stores.makeSale()
            try await operators.service.sees(sale, "open")
            for buyer in ["ann", "bob"] { #expect(try await operators.service.buy(sale, as: buyer).status == 201) }
            // Other tests' transactions on the same server hold the feed back.
            let all = try await operators.service.eventually(for: .seconds(60)) {
                try await operators.send(.GET, Self.path, as: "wall")
            } until: {
                Self.events($0).count == 4
            }
            try await body(operators, all)
        }
    }

    private static func events(_ answer: Answer) -> [[String: Any]] { answer.json["events"] as? [[String: Any]] ?? [] }

    private static func lines(_ answer: Answer) throws -> [[String: Any]] {
        try answer.text.split(separator: "\n").map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }

    private static func ids(_ events: [[String: Any]]) -> [String] { events.compactMap { $0["id"] as? String } }

    /// What `Link` calls the next page.
    private static func next(_ answer: Answer) throws -> String {
        let link = try #require(answer.header("Link"))
        let match = try #require(link.wholeMatch(of: #/<(.+)>; rel="next"/#))
        return String(match.1)
    }

    @Test func `pages lead from one to the next, in both forms`() async throws {
        try await withEvents { operators, all in
            let events = Self.events(all)
            #expect(events.compactMap { $0["type"] as? String } == ["sale.changed", "stock.changed", "order.committed", "order.committed"])
            #expect((events[2]["order"] as? [String: Any])?["user"] as? String == "ann")
            for accept in ["application/json", "application/x-ndjson"] {
                func read(_ path: String) async throws -> (answer: Answer, ids: [String]) {
                    let answer = try await operators.send(.GET, path, as: "wall", headers: [("Accept", accept)])
                    #expect(answer.status == 200 && answer.header("Content-Type") == accept)
                    return (answer, Self.ids(accept == "application/json" ? Self.events(answer) : try Self.lines(answer)))
                }
                let first = try await read(Self.path + "?limit=3&wait=1")
                #expect(first.ids == Array(Self.ids(events).prefix(3)))
                let next = try Self.next(first.answer)
                #expect(next.hasPrefix(Self.path + "?after=") && next.hasSuffix("&limit=3&wait=1"), "\(next)")
                let rest = try await read(next)
                #expect(rest.ids == Array(Self.ids(events).suffix(1)))
                #expect(try await read("\(Self.path)?after=\(rest.ids[0])").ids.isEmpty)
            }
        }
    }

    /// NDJSON has no room for the place behind them.
    @Test func `a reader gets past events that were not asked for`() async throws {
        try await withEvents { operators, all in
            let end = try #require(all.json["next"] as? String)
            let ndjson = [("Accept", "application/x-ndjson")]
            let orders = try await operators.send(.GET, Self.path + "?type=order.committed,order.paid", as: "wall", headers: ndjson)
            #expect(try Self.ids(Self.lines(orders)) == Array(Self.ids(Self.events(all)).suffix(2)))
            let none = try await operators.send(.GET, Self.path + "?type=order.refunded", as: "wall", headers: ndjson)
            #expect(try none.text.isEmpty && Self.next(none) == "\(Self.path)?after=\(end)&type=order.refunded")
        }
    }

    @Test func `who waits hears of the first event that comes`() async throws {
        try await withEvents { operators, all in
            let end = try #require(all.json["next"] as? String)
            async let waiting = operators.send(.GET, "\(Self.path)?after=\(end)&wait=25", as: "wall")
            let sale = try await operators.stores.makeSale()
            let answer = try await waiting
            #expect(Self.events(answer).first?["sale"] as? String == sale.rawValue, "\(answer.text)")
        }
    }

    @Test(arguments: [
        "after=yesterday", "limit=0", "limit=1001", "wait=26", "wait=-1", "wait=1s", "type=order.odd", "type=order.paid,", "sale=demo",
        "limit=1&limit=1",
    ])
    func `a wrong parameter is named`(query: String) async throws {
        try await withOperators { operators in
            let answer = try await operators.send(.GET, "\(Self.path)?\(query)", as: "wall")
            #expect(answer.status == 422 && answer.code == "invalid_request", "\(query): \(answer.text)")
        }
    }
}
