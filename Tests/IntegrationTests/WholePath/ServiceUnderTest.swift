import Foundation
import HTTPFront
import LoadClient
import Logging
import NIOCore
import NIOHTTP1
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import ServiceLifecycle

/// One running service of this process, on ports of its own, over the stores that it was given.
struct ServiceUnderTest: Sendable {
    let address: ListenAddress
    let admin: ListenAddress

    var base: String { "http://\(address)" }
}

/// Two stores of one test: a Redis and an empty Postgres database with the schema.
struct StoresUnderTest: Sendable {
    let redisURL: String
    let databaseURL: String
    let operations: SaleOperations
    let ledger: any OperatorLedger
    let store: any StockStore
    let reader: any OrderReader

    /// No limits, and a wait for the commit that outlasts a machine which is busy with other tests.
    var environment: [String: String] {
        [
            "SECKILL_COMMIT_WAIT": "20s", "SECKILL_DRAIN_DELAY": "0s",
            "SECKILL_REDIS_URL": redisURL, "SECKILL_DATABASE_URL": databaseURL, "SECKILL_BIND": "127.0.0.1:0",
            "SECKILL_ADMIN_BIND": "127.0.0.1:0", "SECKILL_AUTH": "trusted-header", "SECKILL_LIMIT_PER_USER": "off",
            "SECKILL_LIMIT_PER_IP": "off", "SECKILL_LIMIT_TOTAL": "off", "SECKILL_LIMIT_ORDERS": "off", "SECKILL_EVENT_LOOPS": "2",
            "SECKILL_LOG_LEVEL": "warning",
        ]
    }

    /// Creates a sale that nobody else has and that is open, unless `opensIn` and `closesIn`
    /// (seconds from now) say otherwise.
    func makeSale(
        stock: Int64 = 10, limitPerUser: Int = 1, opensIn: Double = -3_600, closesIn: Double = 3_600, items: [String] = ["phone-x"]
    ) async throws -> SaleID {
        let name = "t-\(UInt64.random(in: .min ... .max))"
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let definition = SaleDefinition(
            sale: name, title: "Test sale", opensAt: Timestamp(milliseconds: now + Int64(opensIn * 1_000)),
            closesAt: Timestamp(milliseconds: now + Int64(closesIn * 1_000)), payWithinMilliseconds: 900_000,
            items: items.map {
                SaleDefinition.Item(sku: $0, title: "Item", unitPrice: 399_900, currency: "CNY", stock: stock, limitPerUser: limitPerUser)
            })
        _ = try await operations.apply(definition, stock: .keep, dryRun: false, by: .test)
        return SaleID(name)!
    }

    func orders(of sale: SaleID, state: OrderState? = nil) async throws -> [Order] {
        try await ledger.orders(OrderFilter(sale: sale, states: state.map { [$0] } ?? []), before: nil, countMax: 10_000)
    }

    /// Why Postgres rejected orders, as it recorded it.
    func rejections(of sale: SaleID) async throws -> [String] {
        try await LedgerUnderTest(url: databaseURL).lines("SELECT rejection FROM orders WHERE sale_id = '\(sale)' AND state = 'rejected' ORDER BY id")
    }
}

func withStores<Value>(
    redis own: PrivateRedis? = nil, redisURL otherURL: String? = nil, databaseURL otherDatabaseURL: String? = nil,
    _ body: (StoresUnderTest) async throws -> Value
) async throws -> Value {
    try await withRedis { shared in
        try await withPostgres { ownDatabaseURL in
            let databaseURL = otherDatabaseURL ?? ownDatabaseURL
            let redisURL = otherURL ?? (own ?? shared).url
            let settings = try Settings.load(
                environment: ["SECKILL_REDIS_URL": redisURL, "SECKILL_DATABASE_URL": databaseURL], overrides: [:])
            let session = try await OperatorSession.open(settings: settings, logger: .quiet)
            do {
                try await session.ledger.migrate()
                let value = try await body(
                    StoresUnderTest(
                        redisURL: redisURL, databaseURL: databaseURL, operations: session.operations, ledger: session.ledger,
                        store: session.store, reader: session.reader))
                await session.close()
                return value
            } catch {
                await session.close()
                throw error
            }
        }
    }
}

/// Runs a service over `stores` while `body` runs, then drains it. `overrides` are settings by
/// their environment names, `front` the bounds of the public port.
func withService<Value: Sendable>(
    over stores: StoresUnderTest, _ overrides: [String: String] = [:], front: ConnectionEnvironment? = nil, logger: Logger = .quiet,
    _ body: @Sendable (ServiceUnderTest) async throws -> Value
) async throws -> Value {
    let settings = try Settings.load(environment: stores.environment, overrides: overrides)
    let server = try await SeckillServer(settings: settings, front: front, logger: logger)
    let (listening, announce) = AsyncStream.makeStream(of: ServiceUnderTest.self)
    let stoppable = ServiceGroup(
        configuration: ServiceGroupConfiguration(services: [ServerAsService(server: server, announce: announce)], logger: .quiet))
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await stoppable.run() }
        var ready = listening.makeAsyncIterator()
        guard let service = await ready.next() else {
            try await group.waitForAll()
            throw ServiceDidNotStart()
        }
        let result: Result<Value, any Error>
        do {
            try await service.isReady()
            result = .success(try await body(service))
        } catch {
            result = .failure(error)
        }
        await stoppable.triggerGracefulShutdown()
        try await group.waitForAll()
        return try result.get()
    }
}

private struct ServerAsService: Service {
    let server: SeckillServer
    let announce: AsyncStream<ServiceUnderTest>.Continuation

    func run() async throws {
        defer { announce.finish() }
        try await server.run(stoppingOn: [], onListening: { announce.yield(ServiceUnderTest(address: $0, admin: $1)) })
    }
}

struct ServiceDidNotStart: Error {}

extension Logger {
    static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        return logger
    }
}

/// What a test sees of an answer.
struct Answer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8]

    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:] }
    var code: String? { json["code"] as? String }
    var id: OrderID? { (json["id"] as? String).flatMap { OrderID($0) } }
    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first(name: name) }
}

extension ServiceUnderTest {
    func send(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: String? = nil, base: String? = nil
    ) async throws -> Answer {
        let response = try await WebClient.shared.execute(method, (base ?? self.base) + path, headers: headers, body: body, timeout: .seconds(60))
        return Answer(status: response.status, headers: response.headers, body: Array(buffer: response.body))
    }

    func buy(
        _ sale: SaleID, sku: String = "phone-x", quantity: Int = 1, as user: String, headers: [(String, String)] = []
    ) async throws -> Answer {
        try await send(
            .POST, "/v1/sales/\(sale)/orders",
            headers: [("X-User-Id", user), ("Content-Type", "application/json")] + headers,
            body: "{\"sku\":\"\(sku)\",\"quantity\":\(quantity)}")
    }

    /// Repeats `read` until `condition` holds; fails after `limit`.
    func eventually(
        for limit: Duration = .seconds(10), _ read: () async throws -> Answer, until condition: (Answer) -> Bool
    ) async throws -> Answer {
        let deadline = ContinuousClock.now + limit
        while true {
            let answer = try await read()
            if condition(answer) { return answer }
            guard ContinuousClock.now < deadline else { throw AnswerNeverCame(last: answer.text) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits until the node shows the sale in one of `states` and, unless it is to be refused,
    /// sells it.
    func sees(_ sale: SaleID, _ states: String...) async throws {
        _ = try await eventually {
            try await send(.GET, "/v1/sales/\(sale)")
        } until: {
            states.contains(($0.json["state"] as? String) ?? "")
        }
        // A purchase that cannot succeed tells whether the numbers are proven here.
        _ = try await eventually {
            try await buy(sale, sku: "phone-x", quantity: 1_000, as: "prober")
        } until: {
            $0.code != "recovering"
        }
    }

    fileprivate func isReady() async throws {
        _ = try await eventually {
            try await send(.GET, "/readyz")
        } until: {
            $0.status == 200
        }
    }
}

struct AnswerNeverCame: Error {
    var last: String
}

extension Attribution {
    static let test = Attribution(actor: "test", command: "test")
}
