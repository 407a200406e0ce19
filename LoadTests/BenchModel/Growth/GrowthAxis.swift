/// What grows while the cost of a purchase shall not.
package enum GrowthAxis: String, Sendable, Codable, CaseIterable {
    case orders
    case skus
    case sales
    case connections
    case users

    package var title: String {
        switch self {
        case .orders: "orders that Postgres already holds"
        case .skus: "SKUs of the sale, bought in turn"
        case .sales: "open sales, bought from in turn"
        case .connections: "connections"
        case .users: "users that the limiter knows"
        }
    }

    package var sizes: [Int] {
        switch self {
        case .orders: [0, 1_000_000, 10_000_000]
        case .skus: [1, 100, 10_000]
        case .sales: [1, 100, 1_000]
        case .connections: [100, 1_000, 10_000]
        case .users: [0, 1_000_000]
        }
    }
}
