import NIOHTTP1
import SaleCore
import SaleService
import ServerAssembly
import Testing

@Suite(.timeLimit(.minutes(2))) struct IdempotencyTests {
    private func buy(_ service: ServiceUnderTest, _ sale: SaleID, _ user: String, key: String, quantity: Int = 1) async throws -> Answer {
        try await service.buy(sale, quantity: quantity, as: user, headers: [("Idempotency-Key", key)])
    }

    @Test func manyRequestsUnderOneKeyMakeOneOrderAndHearTheSameAnswer() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 100, limitPerUser: 10)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                    for _ in 0..<40 { group.addTask { try await buy(service, sale, "ann", key: "k-1") } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.allSatisfy { $0.status == 201 })
                #expect(Set(answers.map(\.text)).count == 1)
                #expect(answers.count { $0.header("Idempotency-Replayed") == nil } == 1)
                #expect(try await stores.orders(of: sale).count == 1)
            }
        }
    }

    @Test func quotedAndBareKeysAreTheSameAndAnotherUsersKeyIsAnother() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 100, limitPerUser: 10)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let bare = try await buy(service, sale, "ann", key: "k")
                let quoted = try await buy(service, sale, "ann", key: "\"k\"")
                let other = try await buy(service, sale, "bob", key: "k")
                #expect(bare.text == quoted.text)
                #expect(other.status == 201 && other.text != bare.text)
            }
        }
    }

    @Test func anotherPayloadUnderTheSameKeyIsAMismatch() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 100, limitPerUser: 10)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                _ = try await buy(service, sale, "ann", key: "k", quantity: 1)
                let answer = try await buy(service, sale, "ann", key: "k", quantity: 2)
                #expect(answer.status == 422 && answer.code == "idempotency_mismatch")
            }
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 256), "a b", "schlüssel"])
    func aKeyOutsideItsGrammarIsRefusedByName(key: String) async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let answer = try await buy(service, sale, "ann", key: key)
                #expect(answer.status == 422 && answer.code == "invalid_request")
                #expect(answer.text.contains("Idempotency-Key"))
                #expect(try await stores.orders(of: sale).isEmpty)
            }
        }
    }

    @Test func aSaleThatSoldOutPausedOrClosedStillAnswersItsKeys() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 1)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let first = try await buy(service, sale, "ann", key: "k")
                #expect(first.status == 201)
                for (status, state) in [(nil, "sold_out"), (SaleStatus.paused, "paused"), (.closed, "closed")] {
                    if let status {
                        _ = try await stores.operations.setStatus(
                            status, of: sale, dryRun: false, by: Attribution(actor: "test", command: state))
                    }
                    try await service.sees(sale, state)
                    let again = try await buy(service, sale, "ann", key: "k")
                    #expect(again.status == 201 && again.text == first.text, "\(state): \(again.text)")
                    #expect(again.header("Idempotency-Replayed") == "true")
                    let other = try await buy(service, sale, "bob", key: "k")
                    #expect(other.status != 201 && other.code == state)
                }
            }
        }
    }

    @Test func theKeyIsKnownToAnotherNodeAndAfterRedisForgot() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sale = try await stores.makeSale(stock: 5)
                let first = try await withService(over: stores) { service in
                    try await service.sees(sale, "open")
                    return try await buy(service, sale, "ann", key: "k")
                }
                #expect(first.status == 201)
                try await withService(over: stores) { service in
                    try await service.sees(sale, "open")
                    #expect(try await buy(service, sale, "ann", key: "k").text == first.text)
                    try await redis.command("FLUSHALL")
                    let again = try await service.eventually {
                        try await buy(service, sale, "ann", key: "k")
                    } until: {
                        $0.code != "recovering"
                    }
                    #expect(again.text == first.text)
                    #expect(try await stores.orders(of: sale).count == 1)
                }
            }
        }
    }
}
