import ArgumentParser
import SaleCore

extension SaleID: ExpressibleByArgument {
    package init?(argument: String) { self.init(stored: argument) }
}

extension SKU: ExpressibleByArgument {
    package init?(argument: String) { self.init(stored: argument) }
}

extension UserID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension OrderID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension OrderState: ExpressibleByArgument {}
extension StockPolicy: ExpressibleByArgument {}
