import ArgumentParser
import SaleCore

extension CompletionKind {
    /// The sales that the stores of this shell's settings hold.
    static var sales: CompletionKind { .shellCommand("seckill sale list -o name 2>/dev/null") }
}

/// What names must be is said to whoever gives another one.
private enum Reading {
    static let names = "must be 1–64 of a-z 0-9 . _ -, beginning with a letter or digit"

    static func sale(_ text: String) throws -> SaleID {
        guard let sale = SaleID(stored: text) else { throw ValidationError("a sale's name \(names)") }
        return sale
    }

    static func sku(_ text: String) throws -> SKU {
        guard let sku = SKU(stored: text) else { throw ValidationError("a SKU \(names)") }
        return sku
    }

    static func user(_ text: String) throws -> UserID {
        guard let user = UserID(text) else { throw ValidationError("a user's id must be 1–128 visible ASCII characters") }
        return user
    }

    static func order(_ text: String) throws -> OrderID {
        guard let order = OrderID(text) else { throw ValidationError("an order's id must be a UUID, such as 01a20acf-3265-7000-8038-51184c652a93") }
        return order
    }
}

extension Argument where Value == SaleID {
    init(sale help: String) {
        self.init(help: ArgumentHelp(help, valueName: "sale"), completion: .sales, transform: Reading.sale)
    }
}

extension Argument where Value == SaleID {
    init(wrappedValue: SaleID, sale help: String) {
        self.init(wrappedValue: wrappedValue, help: ArgumentHelp(help, valueName: "sale"), transform: Reading.sale)
    }
}

extension Argument where Value == OrderID {
    init(order help: String) {
        self.init(help: ArgumentHelp(help, valueName: "id"), transform: Reading.order)
    }
}

extension Option where Value == SaleID {
    init(sale help: String) {
        self.init(help: ArgumentHelp(help, valueName: "sale"), completion: .sales, transform: Reading.sale)
    }
}

extension Option where Value == SaleID? {
    init(sale help: String) {
        self.init(help: ArgumentHelp(help, valueName: "sale"), completion: .sales, transform: Reading.sale)
    }
}

extension Option where Value == SKU {
    init(sku help: String) {
        self.init(help: ArgumentHelp(help, valueName: "sku"), transform: Reading.sku)
    }
}

extension Option where Value == SKU? {
    init(sku help: String) {
        self.init(help: ArgumentHelp(help, valueName: "sku"), transform: Reading.sku)
    }
}

extension Option where Value == UserID {
    init(user help: String) {
        self.init(help: ArgumentHelp(help, valueName: "user"), transform: Reading.user)
    }
}

extension Option where Value == UserID? {
    init(user help: String) {
        self.init(help: ArgumentHelp(help, valueName: "user"), transform: Reading.user)
    }
}

extension Option where Value == OrderID {
    init(order help: String) {
        self.init(help: ArgumentHelp(help, valueName: "id"), transform: Reading.order)
    }
}

extension Option where Value == OrderID? {
    init(order help: String) {
        self.init(help: ArgumentHelp(help, valueName: "id"), transform: Reading.order)
    }
}

extension StockPolicy: ExpressibleByArgument {}
