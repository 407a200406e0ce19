package import LoadClient
import NIOHTTP1

/// Where buyers come in: a node, or a balancer in front of some.
package struct Door: Sendable {
    /// Without a slash at the end.
    package var base: String
    /// How a buyer says who he is.
    package var credentials: @Sendable (_ user: String) -> [(String, String)]
    /// Asked again and again; `nil` for a door that is always tried.
    var isOpen: (@Sendable () async -> Bool)?

    package init(
        base: String, credentials: @escaping @Sendable (_ user: String) -> [(String, String)] = { [("X-User-Id", $0)] },
        isOpen: (@Sendable () async -> Bool)? = nil
    ) {
        self.base = base
        self.credentials = credentials
        self.isOpen = isOpen
    }

    /// One purchase.
    package func buy(
        _ client: WebClient, sale: String, sku: String = "unit", quantity: Int = 1, user: String, key: String? = nil,
        headers: [(String, String)] = [], timeout: Duration = .seconds(5)
    ) async throws -> Answer {
        try await client.send(
            .POST, "\(base)/v1/sales/\(sale)/orders",
            headers: credentials(user) + [("Content-Type", "application/json")] + (key.map { [("Idempotency-Key", $0)] } ?? []) + headers,
            body: "{\"sku\":\"\(sku)\",\"quantity\":\(quantity)}", timeout: timeout)
    }
}
