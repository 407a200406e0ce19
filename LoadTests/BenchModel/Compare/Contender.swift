/// Who is measured, doing what. The order is that of a round.
package enum Contender: String, Sendable, Codable, CaseIterable {
    case serviceBuys = "service-buys"
    /// Its Redis writes nothing down.
    case luaBuys = "lua-buys"
    /// Its Redis keeps an append-only file, as a shop's would.
    case luaBuysAppending = "lua-buys-aof"
    case serviceRefuses = "service-refuses"
    case nginxRefuses = "nginx-refuses"
    /// Server and client have a core each.
    case serviceRefusesOnOneCore = "service-refuses-1"
    case nginxRefusesOnOneCore = "nginx-refuses-1"

    package var title: String {
        switch self {
        case .serviceBuys: "**Seckill buys**: answered after the Postgres commit"
        case .luaBuys: "nginx (2 workers) + Lua + Redis buys: nothing persisted"
        case .luaBuysAppending: "the same, its Redis append-only"
        case .serviceRefuses: "**Seckill refuses** from memory (sold out)"
        case .nginxRefuses: "nginx's fixed answer (2 workers)"
        case .serviceRefusesOnOneCore: "**Seckill refuses**, one core for it, one for the client"
        case .nginxRefusesOnOneCore: "nginx's fixed answer (1 worker), likewise"
        }
    }

    package var isOnOneCore: Bool {
        switch self {
        case .serviceRefusesOnOneCore, .nginxRefusesOnOneCore: true
        case .serviceBuys, .luaBuys, .luaBuysAppending, .serviceRefuses, .nginxRefuses: false
        }
    }

    package var buys: Bool {
        switch self {
        case .serviceBuys, .luaBuys, .luaBuysAppending: true
        case .serviceRefuses, .nginxRefuses, .serviceRefusesOnOneCore, .nginxRefusesOnOneCore: false
        }
    }

    /// Who does the same without us: of several, the one that was the fastest in a round counts.
    package var rivals: [Contender] {
        switch self {
        case .serviceBuys: [.luaBuys, .luaBuysAppending]
        case .serviceRefuses: [.nginxRefuses]
        case .serviceRefusesOnOneCore: [.nginxRefusesOnOneCore]
        case .luaBuys, .luaBuysAppending, .nginxRefuses, .nginxRefusesOnOneCore: []
        }
    }

    /// The fixed answer that its cost is held against: the floor of what any answer costs.
    package var floor: Contender? {
        switch self {
        case .serviceBuys, .serviceRefuses: .nginxRefuses
        case .serviceRefusesOnOneCore: .nginxRefusesOnOneCore
        case .luaBuys, .luaBuysAppending, .nginxRefuses, .nginxRefusesOnOneCore: nil
        }
    }
}
