import LoadClient
import NIOHTTP1

/// Why a page could not be read.
struct GetError: Error, CustomStringConvertible {
    var description: String
}

/// Reads one page over a connection of its own.
enum HTTPGet {
    /// - Throws: `GetError` unless the answer is a 200.
    static func text(_ target: Target, path: String) async throws(GetError) -> String {
        let response: WebResponse
        do {
            response = try await WebClient.shared.execute(.GET, target.url + path, headers: [("Connection", "close")])
        } catch {
            throw GetError(description: error.reason)
        }
        guard response.status == 200 else { throw GetError(description: "answered \(response.status)") }
        return response.text
    }
}
