package import AsyncHTTPClient
package import Logging
import NIOCore
import NIOHTTP1

extension KeySource {
    private static let readSeconds: Int64 = 5

    /// Reads the set at `url`.
    ///
    /// - Parameter client: as the process shares it; not shut down here.
    package convenience init(
        url: String, client: HTTPClient = .shared, interval: Duration = .seconds(300), cooldown: Duration = .seconds(30), logger: Logger
    ) {
        self.init(interval: interval, cooldown: cooldown, logger: logger) {
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "Accept", value: "application/jwk-set+json, application/json")
            let response = try await client.execute(request, timeout: .seconds(Self.readSeconds))
            guard response.status == .ok else { throw AuthSettingsError("the publisher of the keys answered \(response.status.code)") }
            return Array(buffer: try await response.body.collect(upTo: VerificationKeys.setBytesMax))
        }
    }
}
