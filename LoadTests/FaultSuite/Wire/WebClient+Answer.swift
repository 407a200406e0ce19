package import LoadClient
package import NIOHTTP1

extension WebClient {
    package func send(
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

extension NodeProcess {
    /// Open while the node is ready.
    var door: Door { Door(base: base, isOpen: { [self] in (try? await isReady()) ?? false }) }

    /// One purchase.
    func buy(
        _ client: WebClient, sale: String = "flash", sku: String = "unit", quantity: Int = 1, user: String, key: String? = nil,
        headers: [(String, String)] = [], timeout: Duration = .seconds(5)
    ) async throws -> Answer {
        try await Door(base: base).buy(
            client, sale: sale, sku: sku, quantity: quantity, user: user, key: key, headers: headers, timeout: timeout)
    }

    func order(_ client: WebClient, _ id: String, user: String) async throws -> Answer {
        try await client.send(.GET, "\(base)/v1/orders/\(id)", headers: [("X-User-Id", user)])
    }
}
