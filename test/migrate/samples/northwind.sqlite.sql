-- The tables are those of the sample database Northwind (see README.md beside this file); the rows are made up for these tests.

create table categories (category_id integer not null primary key, category_name varchar(15) not null, description text, picture blob);
create table customers (customer_id char(5) not null, company_name varchar(40) not null, contact_name varchar(30), country varchar(15), constraint pk_customers primary key (customer_id));
create table employees (employee_id integer not null primary key, last_name varchar(20) not null, first_name varchar(10) not null, birth_date date, reports_to integer, constraint fk_employees_employees foreign key (reports_to) references employees (employee_id));
create table suppliers (supplier_id integer not null primary key, company_name varchar(40) not null, country varchar(15));
create table products (product_id integer not null primary key, product_name varchar(40) not null, supplier_id integer, category_id integer, unit_price real, units_in_stock integer default 0, discontinued integer not null default 0, constraint fk_products_categories foreign key (category_id) references categories (category_id), constraint fk_products_suppliers foreign key (supplier_id) references suppliers (supplier_id), constraint ck_products_stock check (units_in_stock >= 0));
create table region (region_id integer not null primary key, region_description varchar(60) not null);
create table territories (territory_id varchar(20) not null, territory_description varchar(60) not null, region_id integer not null, constraint pk_territories primary key (territory_id), constraint fk_territories_region foreign key (region_id) references region (region_id));
create table employee_territories (employee_id integer not null, territory_id varchar(20) not null, constraint pk_employee_territories primary key (employee_id, territory_id), constraint fk_et_employees foreign key (employee_id) references employees (employee_id), constraint fk_et_territories foreign key (territory_id) references territories (territory_id));
create table shippers (shipper_id integer not null primary key, company_name varchar(40) not null, phone varchar(24));
create table orders (order_id integer not null primary key, customer_id char(5), employee_id integer, order_date date, ship_via integer, freight real default 0, constraint fk_orders_customers foreign key (customer_id) references customers (customer_id), constraint fk_orders_employees foreign key (employee_id) references employees (employee_id), constraint fk_orders_shippers foreign key (ship_via) references shippers (shipper_id));
create table order_details (order_id integer not null, product_id integer not null, unit_price real not null, quantity integer not null default 1, discount real not null default 0, constraint pk_order_details primary key (order_id, product_id), constraint fk_od_orders foreign key (order_id) references orders (order_id) on delete cascade, constraint fk_od_products foreign key (product_id) references products (product_id), constraint ck_od_quantity check (quantity > 0));
create index ix_products_name on products (product_name);
create index ix_orders_recent on orders (order_date desc) where order_date is not null;
create view current_products as select product_id, product_name from products where discontinued = 0;

insert into categories values (1, 'Drinks', 'Teas, coffees, juices', x'00ff'), (2, 'Spices', null, null);
insert into customers values ('ALDER', 'Alder and Sons', 'Ann Alder', 'Ireland'), ('BORGE', 'Borge Mat', null, 'Norway');
insert into employees values (1, 'Diaz', 'Noa', '1968-12-08', null), (2, 'Falk', 'Ida', '1972-02-19', 1), (3, 'Hall', 'Tom', null, 1);
insert into suppliers values (1, 'Green Leaf', 'India'), (2, 'Salt Road', 'Morocco');
insert into products values (1, 'Black Tea', 1, 1, 18, 39, 0), (2, 'Mint Tea', 1, 1, 19.5, 17, 0), (3, 'Saffron', 2, 2, 62.25, 0, 1);
insert into region values (1, 'North'), (2, 'South');
insert into territories values ('01581', 'Hill Side', 1), ('30346', 'Low Town', 2);
insert into employee_territories values (1, '01581'), (2, '01581'), (2, '30346');
insert into shippers values (1, 'Quick Cart', '555-0101'), (2, 'Slow Boat', null);
insert into orders values (1, 'ALDER', 2, '2024-07-04', 1, 32.5), (2, 'BORGE', 3, '2024-07-05', 2, 11), (3, null, null, null, null, 0);
insert into order_details values (1, 1, 18, 12, 0), (1, 3, 60, 1, 0.25), (2, 2, 19.5, 10, 0);
