import LoadModel
import LoadSupport
import Testing

/// `rush` against a server whose answers are known.
@Suite(.timeLimit(.minutes(5))) struct RushCountTests {
    @Test func everyOutcomeIsCountedExactly() async throws {
        let replies: [FakeService.Reply] = [
            .problem(409, "sold_out"), .problem(409, "limit_reached"), .problem(429, "rate_limited"), .problem(503, "overloaded"),
            .problem(404, "unknown_sku"), .answer(status: 500, body: ""),
            .answer(status: 202, body: "{\"id\":\"\(FakeService.order(999))\"}"), .hangUp,
        ]
        try await FakeService.with({ $0.ordinal < 20 ? .committed($0.ordinal) : replies[($0.ordinal - 20) % replies.count] }) { service, url in
            let outcome = try await LoadCommand.rush(url, rate: 200, duration: "0.5s")
            let report = try outcome.report()
            #expect(report.offered == 100)
            #expect(Outcome.allCases.map { report.count($0) } == [20, 10, 10, 10, 10, 10, 10, 10, 10, 0, 0])
            #expect(report.completed == 90)
            #expect(service.requests.count == 100)
            #expect(Set(service.requests.map(\.user)).count == 100)
            #expect(report.details.contains { $0.outcome == .refused && $0.detail == "404 unknown_sku" && $0.count == 10 })
            // Ten users were told of the same order.
            #expect(report.failedRules == ["one_buyer_per_order"])
            #expect(outcome.status == 99)
        }
    }

    @Test func requestIsThatOfTheContract() async throws {
        try await FakeService.with({ .committed($0.ordinal) }) { service, url in
            let outcome = try await LoadCommand.rush(
                url + "/shop", users: 100, rate: 20, duration: "0.1s", "--idempotency-keys", "--prefer-async", "--quantity", "3",
                "--users-prefix", "u-")
            #expect(outcome.status == 0, "\(outcome.messages)")
            let request = try #require(service.requests.first)
            #expect(request.uri == "POST /shop/v1/sales/demo/orders")
            #expect(request.body == #"{"sku":"phone-x","quantity":3}"#)
            #expect(request.fields["content-type"] == "application/json")
            #expect(request.fields["prefer"] == "respond-async")
            #expect(request.user.count == 4 && request.user.hasPrefix("u-"))
            #expect(request.fields["idempotency-key"] == "\"\(request.user)\"")
        }
    }

    /// The server answers none of a user's four purchases before it has all four.
    @Test func duplicatesOfOneUserAreUnderWayTogether() async throws {
        try await FakeService.with({ request in
            let order = FakeService.order(Int(request.user.dropFirst(2)) ?? 99)
            return .together(count: 4, status: 201, body: "{\"id\":\"\(order)\"}")
        }) { service, url in
            let outcome = try await LoadCommand.rush(
                url, users: 5, rate: 50, duration: "0.1s", "--duplicates", "1", "--parallel", "4", "--users-prefix", "u-")
            #expect(try outcome.report().count(.committed) == 20)
            #expect(outcome.status == 0)
            #expect(Dictionary(grouping: service.requests, by: \.user).values.map(\.count) == [4, 4, 4, 4, 4])
        }
    }

    @Test func lostConnectionsAreReplaced() async throws {
        try await FakeService.with({ $0.ordinal < 8 ? .hangUp : .committed($0.ordinal) }) { _, url in
            let report = try await LoadCommand.rush(url, rate: 100, duration: "1s").report()
            #expect(report.count(.unknown) == 8)
            #expect(report.count(.committed) == 92)
        }
    }

    @Test func silenceIsUnknownAfterTheTimeout() async throws {
        try await FakeService.with({ $0.ordinal == 0 ? .silence : .committed($0.ordinal) }) { _, url in
            let report = try await LoadCommand.rush(url, rate: 20, duration: "0.5s", "--timeout", "300ms").report()
            #expect(report.count(.unknown) == 1)
            #expect(report.count(.committed) == 9)
            #expect(report.details.map(\.detail) == ["timeout"])
        }
    }

    @Test func purchasesWithoutAConnectionAreUnsent() async throws {
        try await FakeService.with({ _ in .silence }) { service, url in
            let report = try await LoadCommand.rush(url, rate: 100, duration: "0.2s", "--connections", "1", "--timeout", "500ms").report()
            #expect(report.offered == 20)
            #expect(report.count(.unknown) + report.count(.unsent) == 20)
            #expect(report.count(.unknown) == UInt64(service.requests.count))
            #expect(report.count(.unsent) > 0)
        }
    }

    @Test func severalThreadsShareOnePlan() async throws {
        try await FakeService.with({ .committed($0.ordinal) }) { service, url in
            let report = try await LoadCommand.rush(url, users: 301, rate: 301, duration: "1s", "--threads", "2").report()
            #expect(report.count(.committed) == 301)
            #expect(Set(service.requests.map(\.user)).count == 301)
        }
    }
}
