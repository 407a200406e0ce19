/// Who watches a sale while it sells. The order is that of a round.
package enum Audience: String, Sendable, Codable, CaseIterable {
    case nobody
    /// 500 streams of live stock, and a console.
    case shop
    /// As many streams as a node takes by default.
    case full

    package var streams: Int {
        switch self {
        case .nobody: 0
        case .shop: 500
        case .full: 2_000
        }
    }

    package var hasConsole: Bool { self == .shop }

    package var title: String {
        switch self {
        case .nobody: "nobody watches"
        case .shop: "500 streams and a console"
        case .full: "2,000 streams"
        }
    }
}
