/// Who is measured, doing what. The order is that of a round.
package enum Contender: String, Sendable, Codable, CaseIterable {
    case serviceBuys = "service-buys"
    case luaBuys = "lua-buys"
    case serviceRefuses = "service-refuses"
    case nginxRefuses = "nginx-refuses"
    /// Server and client have a core each.
    case serviceRefusesOnOneCore = "service-refuses-1"
    case nginxRefusesOnOneCore = "nginx-refuses-1"

    package var title: String {
        switch self {
        case .serviceBuys: "**Seckill buys**: answered after the Postgres commit"
        case .luaBuys: "nginx (2 workers) + Lua + Redis buys: nothing persisted"
        case .serviceRefuses: "**Seckill refuses** from memory (sold out)"
        case .nginxRefuses: "nginx's fixed answer (2 workers)"
        case .serviceRefusesOnOneCore: "**Seckill refuses**, one core for it, one for the client"
        case .nginxRefusesOnOneCore: "nginx's fixed answer (1 worker), likewise"
        }
    }

    package var isOnOneCore: Bool {
        switch self {
        case .serviceRefusesOnOneCore, .nginxRefusesOnOneCore: true
        case .serviceBuys, .luaBuys, .serviceRefuses, .nginxRefuses: false
        }
    }

    package var buys: Bool {
        switch self {
        case .serviceBuys, .luaBuys: true
        case .serviceRefuses, .nginxRefuses, .serviceRefusesOnOneCore, .nginxRefusesOnOneCore: false
        }
    }

    /// What its requests/s are divided by.
    package var rival: Contender? {
        switch self {
        case .serviceBuys: .luaBuys
        case .serviceRefuses: .nginxRefuses
        case .serviceRefusesOnOneCore: .nginxRefusesOnOneCore
        case .luaBuys, .nginxRefuses, .nginxRefusesOnOneCore: nil
        }
    }
}
