import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends requests over kept-alive connections and repeats none by itself.
final class WebClient: Sendable {
    private let client: HTTPClient

    init(connectionsMax: Int) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(2))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsMax
        configuration.connectionPool.idleTimeout = .seconds(20)
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    func send(
        _ method: HTTPMethod, _ url: String, headers: [(String, String)] = [], body: String? = nil, timeout: Duration = .seconds(5)
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = HTTPHeaders(headers)
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(request, timeout: TimeAmount(timeout))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 22))
        let fields = response.headers.map { ($0.name.lowercased(), $0.value) }
        return Answer(status: Int(response.status.code), headers: Dictionary(fields) { first, _ in first }, body: text)
    }

    func stop() async {
        try? await client.shutdown()
    }
}

/// Gives `body` a client, which is gone afterwards.
func withWebClient<Value>(connectionsMax: Int = 64, _ body: (WebClient) async throws -> Value) async throws -> Value {
    let client = WebClient(connectionsMax: connectionsMax)
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(client))
    } catch {
        result = .failure(error)
    }
    await client.stop()
    return try result.get()
}

extension Node {
    /// One purchase.
    func buy(
        _ client: WebClient, sale: String = "flash", sku: String = "unit", quantity: Int = 1, user: String, key: String? = nil,
        headers: [(String, String)] = [], timeout: Duration = .seconds(5)
    ) async throws -> Answer {
        try await client.send(
            .POST, "\(base)/v1/sales/\(sale)/orders",
            headers: [("X-User-Id", user), ("Content-Type", "application/json")] + (key.map { [("Idempotency-Key", $0)] } ?? []) + headers,
            body: "{\"sku\":\"\(sku)\",\"quantity\":\(quantity)}", timeout: timeout)
    }

    func order(_ client: WebClient, _ id: String, user: String) async throws -> Answer {
        try await client.send(.GET, "\(base)/v1/orders/\(id)", headers: [("X-User-Id", user)])
    }
}
