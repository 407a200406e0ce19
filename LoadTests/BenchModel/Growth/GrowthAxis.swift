/// What grows while the cost of a purchase shall not.
package enum GrowthAxis: String, Sendable, Codable, CaseIterable {
    case orders
    case skus
    case skusInTurn = "skus-in-turn"
    case sales
    case salesInTurn = "sales-in-turn"
    case connections
    case users

    package var title: String {
        switch self {
        case .orders: "orders that Postgres already holds"
        case .skus: "SKUs of the sale, one of them bought"
        case .skusInTurn: "SKUs of the sale, bought in turn"
        case .sales: "open sales, one of them bought from"
        case .salesInTurn: "open sales, bought from in turn"
        case .connections: "connections"
        case .users: "users that the limiter knows"
        }
    }

    package var sizes: [Int] {
        switch self {
        case .orders: [0, 1_000_000, 10_000_000]
        case .skus, .skusInTurn: [1, 100, 10_000]
        case .sales, .salesInTurn: [1, 100, 1_000]
        case .connections: [100, 1_000, 10_000]
        case .users: [0, 1_000_000]
        }
    }
}
