import LoadClient
import NIOHTTP1

extension WebClient {
    func send(
        _ method: HTTPMethod, _ url: String, headers: [(String, String)] = [], body: String? = nil, timeout: Duration = .seconds(5)
    ) async throws -> Answer {
        Answer(try await execute(method, url, headers: headers, body: body, timeout: timeout))
    }
}

extension Answer {
    fileprivate init(_ response: WebResponse) {
        let fields = response.headers.map { ($0.name.lowercased(), $0.value) }
        self.init(status: response.status, headers: Dictionary(fields) { first, _ in first }, body: response.text)
    }
}

/// Gives `body` a client, which is gone afterwards.
func withWebClient<Value>(_ body: (WebClient) async throws -> Value) async throws -> Value {
    let client = WebClient()
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
