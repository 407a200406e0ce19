import LoadModel
import LoadSupport
import Testing

/// Scenarios against a server that breaks a rule.
@Suite(.timeLimit(.minutes(5))) struct ScenarioVerdictTests {
    static func arguments(_ scenario: String, _ target: String, rate: Int, _ more: String...) -> [String] {
        [
            scenario, "--target", target, "--sale", "demo", "--sku", "phone-x", "--users", "1000", "--rate", "\(rate)", "--duration", "1s",
            "--connections", "8", "--lag-limit", "1h", "-o", "json",
        ] + more
    }

    /// What the sale shows; everything else is answered by `reply`.
    static func sale(available: Int, _ reply: @escaping @Sendable (FakeService.Request) -> FakeService.Reply)
        -> @Sendable (FakeService.Request) -> FakeService.Reply
    {
        { request in
            guard request.uri == "GET /v1/sales/demo" else { return reply(request) }
            let item =
                "{\"sku\":\"phone-x\",\"unit_price\":100,\"currency\":\"EUR\",\"stock\":10,\"available\":\(available),\"limit_per_user\":1}"
            return .answer(status: 200, body: "{\"sale\":\"demo\",\"items\":[\(item)]}")
        }
    }

    @Test func unitsBeyondTheStockAreAViolation() async throws {
        let reply = Self.sale(available: 2) { $0.ordinal <= 3 ? .committed($0.ordinal) : .problem(409, "sold_out") }
        try await FakeService.with(reply) { _, url in
            let outcome = try await LoadCommand.run(Self.arguments("soldout", url, rate: 20))
            #expect(outcome.status == 99)
            #expect(try outcome.report().failedRules == ["nothing_sold_beyond_stock"])
        }
    }

    @Test func aSecondOrderUnderOneKeyIsAViolation() async throws {
        try await FakeService.with(Self.sale(available: 10) { .committed($0.ordinal) }) { _, url in
            let outcome = try await LoadCommand.run(
                Self.arguments(
                    "bots", url, rate: 5, "--hammer-rate", "0.5", "--shared-rate", "1", "--replay-rate", "1", "--replay-copies", "3",
                    "--rebuy-rate", "0.5"))
            #expect(outcome.status == 99)
            #expect(try outcome.report().failedRules.contains("one_order_per_key"))
        }
    }

    @Test func anOrderThatEndsTwiceIsAViolation() async throws {
        let order = FakeService.order(7)
        let reply = Self.sale(available: 10) { request in
            if request.uri.hasSuffix("/cancel") { return .answer(status: 200, body: "{\"id\":\"\(order)\",\"state\":\"cancelled\"}") }
            if request.uri.hasSuffix("/payments/events") { return .answer(status: 200, body: "{\"id\":\"\(order)\",\"state\":\"paid\"}") }
            return .answer(status: 201, body: "{\"id\":\"\(order)\"}")
        }
        let secret = try SecretForTests()
        defer { secret.remove() }
        try await FakeService.with(reply) { service, url in
            let outcome = try await LoadCommand.run(
                Self.arguments(
                    "life", url, rate: 40, "--paid", "0.5", "--failed", "0", "--cancelled", "0.5", "--think", "10ms", "--payment-secret-file",
                    secret.path))
            #expect(outcome.status == 99)
            #expect(try outcome.report().failedRules == ["one_buyer_per_order", "one_end_in_answers"])
            let payment = try #require(service.requests.first { $0.uri.hasSuffix("/payments/events") })
            #expect(payment.fields["seckill-signature"]?.hasPrefix("t=") == true)
            #expect(payment.body.contains("\"amount\":100,\"currency\":\"EUR\""))
        }
    }

    @Test func aSaleThatDoesNotShowTheItemIsUnreachable() async throws {
        try await FakeService.with({ _ in .answer(status: 200, body: "{\"items\":[]}") }) { _, url in
            let outcome = try await LoadCommand.run(Self.arguments("soldout", url, rate: 20))
            #expect(outcome.status == 4)
            #expect(outcome.messages.contains("phone-x"))
        }
    }

    @Test(arguments: [
        ["ramp", "--rate-from", "10", "--rate-to", "5", "--rate-step", "1"], ["ramp", "--rate-from", "1", "--rate-to", "1000", "--rate-step", "1"],
        ["soak", "--rate", "1", "--duration", "1s", "--drift-p99", "-1"], ["soldout", "--rate", "0", "--duration", "1s"],
        ["bots", "--rate", "1", "--duration", "1s", "--replay-copies", "1"], ["life", "--rate", "1", "--duration", "1s"],
        ["life", "--rate", "1", "--duration", "1s", "--paid", "0.9", "--cancelled", "0.9", "--payment-secret-file", "/dev/null"],
    ])
    func wrongUsageIsTwo(arguments: [String]) async throws {
        let outcome = try await LoadCommand.run(
            arguments + ["--target", "http://127.0.0.1:9", "--sale", "demo", "--sku", "phone-x", "--users", "1"])
        #expect(outcome.status == 2, "\(outcome.messages)")
    }

    @Test(arguments: [["merge"], ["merge", "/nowhere"]])
    func mergingNothingIsWrongUsage(arguments: [String]) async throws {
        #expect(try await LoadCommand.run(arguments).status == 2)
    }
}
