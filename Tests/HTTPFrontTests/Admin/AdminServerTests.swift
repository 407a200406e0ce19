import CoreMetrics
import HTTPTypes
import Hummingbird
import LoadClient
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Testing

@testable import HTTPFront

@Suite struct AdminServerTests {
    @Test func metricsAreAnsweredAsPrometheusReadsThem() async throws {
        let registry = PrometheusRegistry()
        Counter(label: "purchases", dimensions: [("outcome", "committed")], factory: registry).increment()
        let response = try await Self.execute("/metrics", registry: registry)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        let text = String(buffer: response.body)
        #expect(text.contains("seckill_purchases_total{outcome=\"committed\"} 1\n"))
        #expect(text.contains("\nprocess_open_fds "))
        #expect(
            text.split(separator: "\n").allSatisfy { line in
                ["", "# HELP ", "# TYPE "].contains { line.hasPrefix($0 + "seckill_") || line.hasPrefix($0 + "process_") }
            })
    }

    @Test func healthIsAnswered() async throws {
        #expect(try await Self.execute("/livez").status == .ok)
        #expect(try await Self.execute("/readyz").status == .serviceUnavailable)
    }

    @Test(arguments: ["/v1/sales", "/v1/orders", "/"])
    func nothingElseIsThere(path: String) async throws {
        try await Self.execute(path).expectProblem(.notFound)
    }

    @Test func metricsAreOnlyRead() async throws {
        try await Self.execute("/metrics", method: .post).expectProblem(.methodNotAllowed)
    }

    private static func execute(
        _ uri: String, method: HTTPRequest.Method = .get, registry: PrometheusRegistry = PrometheusRegistry()
    ) async throws -> TestResponse {
        let router = Router(context: FrontContext.self)
        router.add(middleware: ProblemMiddleware(RouteTable(AdminRoutes.all), report: nil))
        router.add(AdminRoutes.all, AdminRoutes.Dependencies(readiness: { [ReadinessCheck(name: "redis", isOK: false)] }, metrics: registry))
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let app = AdminServer.application(
            router: router, address: .hostname("127.0.0.1", port: 0), group: MultiThreadedEventLoopGroup.singleton, logger: logger,
            now: { Sample.now },
            onServerRunning: { channel in
                port.yield(channel.localAddress?.port ?? 0)
                port.finish()
            })
        let group = ServiceGroup(services: [app], logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let listening = try #require(await ports.first { _ in true })
            let answer = try await WebClient.shared.execute(
                HTTPMethod(rawValue: method.rawValue), "http://127.0.0.1:\(listening)\(uri)", headers: [("Connection", "close")])
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return TestResponse(
                status: .init(code: answer.status), headers: HTTPFields(answer.headers.map { HTTPField(name: .init($0.name)!, value: $0.value) }),
                body: answer.body)
        }
    }
}
