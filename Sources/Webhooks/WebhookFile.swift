import Foundation
import SaleCore
package import SaleService
import Yams

/// What `SECKILL_WEBHOOKS_FILE` holds: a list of endpoints.
///
///     - name: shop
///       url: https://shop.example/hooks/seckill
///       secret_file: /etc/seckill/shop.whsec
///       types: [order.committed, order.paid]    # all when absent
///       batch: 1                                # 1…100
///       in_flight: 4                            # 1…8
///       retries: [5s, 5m, 30m]                  # three days when absent
package struct WebhookFile: Sendable {
    /// What is wrong, in one line.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    package let endpoints: [(endpoint: WebhookEndpoint, transport: any WebhookTransport)]

    package init(path: String) throws(Failure) {
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
            throw Failure(description: "cannot be read")
        }
        try self.init(text: text)
    }

    package init(text: String) throws(Failure) {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch { throw Failure(description: "is no YAML: \(error)") }
        guard let entries = root?.sequence else { throw Failure(description: "must be a list of endpoints") }
        var endpoints: [(WebhookEndpoint, any WebhookTransport)] = []
        for (index, entry) in entries.enumerated() {
            let endpoint = try EntryReader(entry, number: index + 1).endpoint()
            if endpoints.contains(where: { $0.0.name == endpoint.0.name }) { throw Failure(description: "names \(endpoint.0.name) twice") }
            endpoints.append(endpoint)
        }
        self.endpoints = endpoints
    }
}

/// Reads one entry of the list.
private struct EntryReader {
    private let fields: [String: Node]
    private let place: String

    private static let known = ["name", "url", "secret_file", "types", "batch", "in_flight", "retries"]

    init(_ node: Node, number: Int) throws(WebhookFile.Failure) {
        place = "endpoint \(number)"
        guard let mapping = node.mapping else { throw WebhookFile.Failure(description: "\(place): must have name, url and secret_file") }
        var fields: [String: Node] = [:]
        for (key, value) in mapping {
            guard let name = key.string, Self.known.contains(name) else {
                throw WebhookFile.Failure(
                    description: "\(place): \(key.string ?? "?") is not a field here; the fields are \(Self.known.joined(separator: ", "))")
            }
            fields[name] = value
        }
        self.fields = fields
    }

    func endpoint() throws(WebhookFile.Failure) -> (WebhookEndpoint, any WebhookTransport) {
        let name = try text("name")
        guard SaleID(name) != nil else { throw wrong("name", "1–64 of a–z, 0–9, '.', '_' and '-'") }
        let url = try url()
        let secrets: SecretFile
        do { secrets = try SecretFile(try text("secret_file")) } catch {
            if let error = error as? WebhookFile.Failure { throw error }
            throw WebhookFile.Failure(description: "\(place): \(error)")
        }
        let endpoint = WebhookEndpoint(
            name: name, types: try types(), batch: try number("batch", 1...100) ?? 1, inFlight: try number("in_flight", 1...8) ?? 4,
            retries: try retries())
        return (endpoint, HTTPTransport(url: url, secrets: secrets, connectionsMax: endpoint.inFlight))
    }

    private func text(_ field: String) throws(WebhookFile.Failure) -> String {
        guard let text = fields[field]?.string, !text.isEmpty else { throw WebhookFile.Failure(description: "\(place): \(field) is missing") }
        return text
    }

    private func wrong(_ field: String, _ allowed: String) -> WebhookFile.Failure {
        WebhookFile.Failure(description: "\(place): \(field) must be \(allowed)")
    }

    private func url() throws(WebhookFile.Failure) -> URL {
        guard let url = URL(string: try text("url")), let host = url.host, !host.isEmpty, url.user == nil, url.fragment == nil else {
            throw wrong("url", "an https URL, without a user and a fragment")
        }
        guard url.scheme == "https" || url.scheme == "http" && Self.isLoopback(host) else {
            throw wrong("url", "an https URL; http is for the receiver on this machine (127.0.0.1, [::1], localhost)")
        }
        return url
    }

    private static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private func types() throws(WebhookFile.Failure) -> Set<EventType>? {
        guard let node = fields["types"] else { return nil }
        guard let names = node.sequence?.map(\.string), !names.isEmpty else { throw wrong("types", "a list of event types") }
        var types: Set<EventType> = []
        for name in names {
            guard let type = EventType.all.first(where: { $0.rawValue == name }) else {
                throw wrong("types", "of \(EventType.all.map(\.rawValue).joined(separator: ", ")), not \(name ?? "?")")
            }
            types.insert(type)
        }
        return types
    }

    private func number(_ field: String, _ range: ClosedRange<Int>) throws(WebhookFile.Failure) -> Int? {
        guard let node = fields[field] else { return nil }
        guard let number = node.int, range.contains(number) else {
            throw wrong(field, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func retries() throws(WebhookFile.Failure) -> [Duration] {
        guard let node = fields["retries"] else { return WebhookEndpoint.usualRetries }
        let allowed = "a list of 1 to 20 durations between 10ms and 7d, such as [5s, 5m]"
        guard let texts = node.sequence?.map(\.string), (1...20).contains(texts.count) else { throw wrong("retries", allowed) }
        var retries: [Duration] = []
        for text in texts {
            guard let text, let milliseconds = DurationText.milliseconds(text), (10...604_800_000).contains(milliseconds) else {
                throw wrong("retries", allowed)
            }
            retries.append(.milliseconds(milliseconds))
        }
        return retries
    }
}
